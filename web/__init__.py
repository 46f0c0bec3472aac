"""What people see: a small server-rendered site that reads published results and requests runs."""
