"""The route of tasks, below /api/v1/."""

from django.urls import path

from core.progress.views import TaskRunView

urlpatterns = [path("tasks/<uuid:pk>/", TaskRunView.as_view(), name="task")]
