"""What people do on the page, a module for each tab; `show` draws it."""
