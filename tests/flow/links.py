#!/usr/bin/env python3
"""Follows what pages lead to, as a browser does: links.py URL JAR PATH…, JAR being curl's cookies.
Every link of the same server that is found must open; every form's address must take what is posted
to it, were it only to refuse it (nothing is filled in, and no token is sent). Of pages whose addresses
differ in numbers alone some are enough. Prints what does not open, and how much was followed."""
import html.parser
import http.client
import re
import sys
import urllib.parse

PAGES = 400  # at most
ALIKE = 15   # of those whose addresses differ in numbers alone

base, jar, starts = sys.argv[1], sys.argv[2], sys.argv[3:]
host = urllib.parse.urlsplit(base).netloc
cookies = "; ".join("=".join(line.split("\t")[5:7]).strip() for line in open(jar, encoding="utf-8")
                    if line.count("\t") == 6)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.forms = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("a", "link") and attrs.get("href"):
            self.links.append(attrs["href"])
        if tag == "form":
            self.forms.append((attrs.get("action") or "", (attrs.get("method") or "get").lower()))


def ask(method, path):
    connection = http.client.HTTPConnection(host, timeout=20)
    headers = {"Cookie": cookies}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body="" if method == "POST" else None, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, answer.getheader("Content-Type", ""), answer.getheader("Location"), text


def local(page, link):
    """The path of a link on this server; None for others."""
    parts = urllib.parse.urlsplit(urllib.parse.urljoin(base + page, link))
    if parts.scheme not in ("http", "https") or parts.netloc != host:
        return None
    return parts.path + ("?" + parts.query if parts.query else "")


def shape(path):
    return re.sub(r"[0-9a-f]{64}|PY-\w+|\d+", "N", path)


seen, posted, alike, bad = set(), set(), {}, 0
todo = [(path, "") for path in starts]
while todo and len(seen) < PAGES:
    path, origin = todo.pop(0)
    alike[shape(path)] = alike.get(shape(path), 0) + (path not in seen)
    if path in seen or alike[shape(path)] > ALIKE:
        continue
    seen.add(path)
    status, kind, location, text = ask("GET", path)
    if status == 303 and local(path, location):  # to the login
        todo.append((local(path, location), path))
        continue
    if status != 200:
        bad += 1
        print(f"{path} gives {status} (from {origin})")
        continue
    if not kind.startswith("text/html"):
        continue
    page = Page()
    page.feed(text)
    for link in page.links:
        target = local(path, link)
        if target and not target.startswith("/logout"):
            todo.append((target, path))
    for action, method in page.forms:
        target = local(path, action)
        if not target or target in posted or target.startswith("/logout"):
            continue
        posted.add(target)
        status, _, _, _ = ask("POST" if method == "post" else "GET", target)
        if status in (404, 405) or status >= 500:
            bad += 1
            print(f"the form of {path} goes to {target}: {status}")
print(f"{len(seen)} pages, {len(posted)} forms", file=sys.stderr)
sys.exit(1 if bad or len(seen) < len(starts) else 0)
