pytest_plugins = ["pytest_tempnumber", "pytester"]
