"""Views of sales reports."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from apps.orders import rules, selectors, services
from apps.orders.api.serializers import SalesReportCreateInput, SalesReportOutput
from apps.orders.models import SalesReport
from core.api.permissions import ruled


class SalesReportViewSet(RetrieveModelMixin, GenericViewSet[SalesReport]):
    """What was sold in a period, computed in the background. Managers ask for it, auditors read it."""

    queryset = SalesReport.objects.none()
    serializer_class = SalesReportOutput
    permission_classes = (ruled(read=rules.report_see, write=rules.report_request),)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[SalesReport]:
        return selectors.sales_report_list()

    @extend_schema(
        request=SalesReportCreateInput, responses={status.HTTP_202_ACCEPTED: SalesReportOutput}
    )
    def create(self, request: Request) -> Response:
        """Ask for a report. Its address, in Location, tells when it is done."""
        body = SalesReportCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        report = services.sales_report_request(**body.validated_data)
        return Response(
            self.get_serializer(report).data,
            status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("sales-report-detail", [report.pk], request=request)},
        )
