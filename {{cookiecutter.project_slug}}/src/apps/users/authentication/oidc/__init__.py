"""Signs callers in with the tokens of an OpenID Connect issuer.

https://openid.net/specs/openid-connect-core-1_0.html
"""
