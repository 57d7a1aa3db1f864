"""What proxy configurations say: response headers and limits, whatever the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.deployment.proxyconf import read_apache, read_caddy, read_haproxy, read_nginx
from readiness.facts.proxies import Proxies, proxies
from readiness.repository import Repository

NGINX = """
-- deploy/nginx/site --
# add_header X-Commented out;
server {
    listen 443 ssl;
    add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
    location /api {
        limit_req zone=api burst=20;
        client_max_body_size 5m;
        proxy_pass http://app:8000;
        proxy_read_timeout 30s;
    }
    {% if csp %}add_header Content-Security-Policy "{{ csp }}";{% endif %}
}
"""
CADDY = """
-- Caddyfile --
example.com {
    header /static/* X-Frame-Options DENY
    header {
        # comment
        Strict-Transport-Security "max-age=31536000;"
        -Server
    }
    reverse_proxy app:8000
}
"""
APACHE = """
-- apache/site.conf --
<VirtualHost *:443>
    Header always set X-Content-Type-Options "nosniff"
    Header unset Server
    ProxyPass / http://app:8000/
</VirtualHost>
"""
HAPROXY = """
-- haproxy.cfg --
frontend web
    http-response set-header X-Frame-Options DENY
    timeout client 30s
backend app
    server a app:8000
"""
TRAEFIK = """
-- traefik/dynamic.yml --
http:
  middlewares:
    secure:
      headers:
        stsSeconds: 31536000
        contentTypeNosniff: true
        customResponseHeaders:
          X-Frame-Options: DENY
    slow:
      rateLimit:
        average: 100
"""
ENVOY = """
-- envoy.yaml --
static_resources:
  listeners:
    - response_headers_to_add:
        - header: {key: x-frame-options, value: deny}
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (NGINX, ["Strict-Transport-Security", "Content-Security-Policy"]),
        (CADDY, ["X-Frame-Options", "Strict-Transport-Security"]),
        (APACHE, ["X-Content-Type-Options"]),
        (HAPROXY, ["X-Frame-Options"]),
        (TRAEFIK, ["Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"]),
        (ENVOY, ["x-frame-options"]),
    ],
    ids=["nginx", "caddy", "apache", "haproxy", "traefik", "envoy"],
)
def test_headers(repository: Callable[[str], Repository], text: str, names: list[str]) -> None:
    assert [header.name for header in proxies(repository(text)).headers] == names


def test_places_and_limits(repository: Callable[[str], Repository]) -> None:
    found = proxies(repository(NGINX))
    assert found.headers[0] == (
        "Strict-Transport-Security",
        "max-age=31536000; includeSubDomains",
        "deploy/nginx/site",
        4,
    )
    assert [(s.value, s.line) for s in found.rate_limits] == [("zone=api burst=20", 6)]
    assert [s.value for s in found.body_limits] == ["5m"]
    assert [s.name for s in found.timeouts] == ["proxy_read_timeout"]


def test_examples_do_not_count(repository: Callable[[str], Repository]) -> None:
    found: Proxies = proxies(repository(NGINX.replace("deploy/nginx/site", "docs/nginx.conf")))
    assert found.all and not found.headers


@given(st.text(alphabet=st.sampled_from("server{};\"'\\ \n#$<>/%hd-{{}}"), max_size=200) | st.text(max_size=200))
def test_never_crashes(text: str) -> None:
    for read in (read_nginx, read_caddy, read_apache, read_haproxy):
        read(text)
