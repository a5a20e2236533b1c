"""Sends with requests what it reads, a request a line, and writes the answers."""

import sys
from urllib.parse import quote_plus, unquote_plus

import requests

for line in sys.stdin:
    method, url, body, *headers = map(unquote_plus, line.split())
    answer = requests.request(
        method,
        url,
        headers=dict(header.split(": ", 1) for header in headers),
        data=None if body == "-" else body[1:],
    )
    location = answer.headers.get("Location", "")
    print(answer.status_code, quote_plus("=" + location), quote_plus("=" + answer.text), flush=True)
