"""What people do with their own accounts where the service itself keeps the passwords."""
