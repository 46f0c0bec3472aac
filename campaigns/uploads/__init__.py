"""Files uploaded on the site: where they wait, what they seem to be, and the process that imports them.

The site stores a file in a folder (``spool``), looks at its first rows (``looking``) and, once somebody says so, starts
``python -m campaigns.uploads`` (``working``), which imports what was asked for, one file after another, and ends. So a
large import neither holds pages up nor takes the site down, and goes on when its page is left or the site is restarted.
"""
