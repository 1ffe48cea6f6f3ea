"""Devices have no page in the admin, or who may see it has the keys of all others."""

from django.contrib import admin
from django_otp.plugins.otp_totp.models import TOTPDevice

admin.site.unregister(TOTPDevice)
