"""`python -m book`: execute, verify, build, serve and measure the book."""

import sys

from book.site.cli import main

sys.exit(main())
