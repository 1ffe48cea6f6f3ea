"""The worked example: products, stock, orders with lines, payments."""
