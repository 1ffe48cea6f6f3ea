"""The shop in the admin. What is money or stock changes through the services only."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.orders import rules, services
from apps.orders.models import Order, OrderLine, Payment, Product, SalesReport, Stock, StockReport
from apps.orders.selectors import catalogue_summary
from apps.orders.tasks import orders_send_confirmation
from core.admin import ReadOnly, RuledAdmin, may
from core.errors import ApplicationError


class ServiceAdmin(RuledAdmin):
    """Saves through services. What they refuse is told on the page, and nothing is saved."""

    see = rules.product_see
    write = rules.product_write

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **options)
        except ApplicationError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(Product)
class ProductAdmin(ServiceAdmin):
    list_display = ("sku", "name", "price", "currency", "is_active", "available")
    list_filter = ("is_active",)
    list_select_related = ("stock",)
    search_fields = ("sku", "name")
    ordering = ("sku",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("sku", "currency") if obj else ("is_active",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
            catalogue_summary.invalidate()
        else:
            product = services.product_create(
                sku=obj.sku, name=obj.name, price=obj.price, currency=obj.currency
            )
            obj.pk = product.pk

    @admin.display(description="Pieces in stock")
    def available(self, product: Product) -> int:
        return product.stock.quantity


class StockForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks for how many pieces come in or go out, not for how many there are then."""

    change = forms.IntegerField(
        min_value=-services.STOCK_MAX,
        max_value=services.STOCK_MAX,
        help_text="Pieces to add; a negative number takes them out.",
    )

    class Meta:
        model = Stock
        fields = ()


@admin.register(Stock)
class StockAdmin(ServiceAdmin):
    see = rules.stock_see
    form = StockForm
    fields = ("product", "quantity", "change")
    readonly_fields = ("product", "quantity")
    list_display = ("product", "quantity", "updated_at")
    list_select_related = ("product",)
    search_fields = ("product__sku", "product__name")
    ordering = ("product__sku",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        services.stock_adjust(product_id=obj.pk, change=form.cleaned_data["change"])


class Part(ReadOnly):
    """Shown to whom the page shows the whole."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class OrderLineInline(Part, admin.TabularInline):  # type: ignore[type-arg]
    model = OrderLine
    fields = ("product", "quantity", "unit_price")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("product")


class PaymentInline(Part, admin.TabularInline):  # type: ignore[type-arg]
    model = Payment
    fields = readonly_fields = ("amount", "method", "reference", "status", "created_at")


@admin.register(Order)
class OrderAdmin(ReadOnly, RuledAdmin):
    see = rules.order_see
    list_display = (
        "id",
        "customer",
        "status",
        "total",
        "currency",
        "created_at",
        "confirmation_sent_at",
    )
    list_filter = ("status", ("confirmation_sent_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("customer__email",)
    ordering = ("-id",)
    inlines = (OrderLineInline, PaymentInline)
    actions = ("cancel", "confirm")

    def has_action_permission(self, request: HttpRequest) -> bool:
        return may(rules.order_cancel, request)

    @admin.action(description="Cancel the selected orders", permissions=["action"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        for order in orders:
            try:
                services.order_cancel(
                    user=cast("AbstractBaseUser", request.user), order_id=order.pk
                )
            except ApplicationError as error:
                self.message_user(request, f"{order}: {error.message}", messages.ERROR)
            else:
                self.message_user(request, f"{order} is cancelled.")

    @admin.action(description="Send the confirmations that are missing", permissions=["action"])
    def confirm(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        for order in orders:
            orders_send_confirmation.delay(str(order.pk))


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("reference", "order", "amount", "method", "status", "created_at")
    list_filter = ("status", "method")
    list_select_related = ("order",)
    search_fields = ("reference",)
    ordering = ("-id",)


@admin.register(SalesReport)
class SalesReportAdmin(ReadOnly, RuledAdmin):
    see = rules.report_see
    list_display = ("first_day", "last_day", "status", "created_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("created_by",)
    ordering = ("-id",)


@admin.register(StockReport)
class StockReportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("order", "created_at")
    ordering = ("-id",)
