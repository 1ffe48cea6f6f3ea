"""What answers tell browsers, and what a page may load: https://owasp.org/www-project-secure-headers/"""

Policy = dict[str, list[str]]

# Around all that answers, probes and refusals too. In this order, the outermost first.
SECURITY_MIDDLEWARE = [
    "core.security.headers.HeadersMiddleware",
    "core.security.csp.django_{{ cookiecutter.django_version | replace('.', '_') }}.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# What the API answers is data: shown as a page it may do nothing. A view of yours that answers HTML and
# needs more than ``SECURE_CSP_PAGES`` has a policy of its own:
# % if cookiecutter.django_version == "6.1"
# https://docs.djangoproject.com/en/stable/ref/csp/#decorators
# % else
# https://django-csp.readthedocs.io/en/latest/decorators.html
# % endif
SECURE_CSP: Policy = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
}
# Of HTML, such as the admin's: the service's own files, and nothing inline.
SECURE_CSP_PAGES: Policy = {
    **SECURE_CSP,
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    # Icons in style sheets.
    "img-src": ["'self'", "data:"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}
# % if cookiecutter.django_version == "5.2"
# The same where django-csp looks for it. From Django 6.0 on it is Django's own setting.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": SECURE_CSP}
# % endif

# Other origins are not told which page leads to them. To the service itself it is told, because the
# CSRF check over HTTPS wants it: https://docs.djangoproject.com/en/stable/ref/csrf/#how-it-works
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# What a page could ask a browser for, refused one by one: the header has no word for all.
# https://github.com/w3c/webappsec-permissions-policy/blob/main/features.md
DENIED_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
# Those that Django has no setting for. A view that sets one of them itself is left alone.
SECURE_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED_FEATURES),
}
