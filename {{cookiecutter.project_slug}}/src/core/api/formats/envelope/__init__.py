"""Every body in one envelope: success, message, data, errors."""
