import sys

from telesim.serve import main

sys.exit(main())
