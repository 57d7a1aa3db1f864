"""Which routes, services and applications Python code registers, per framework."""

# ruff: noqa: E501 - the code under test reads best unbroken

from __future__ import annotations

import pytest

from readiness.frameworks.python import find
from readiness.languages.python import read
from readiness.routing import App, GrpcService, Route
from readiness.source import Module

Found = tuple[list[Route], list[GrpcService], list[App]]


def register(text: str) -> tuple[Found, dict[str, Module]]:
    """What the files in txtar `text` register."""
    modules = {}
    for part in ("\n" + text.strip()).split("\n-- ")[1:]:
        path, _, body = part.partition(" --\n")
        modules[path] = read(path, body.encode())
    return find(list(modules.values())), modules


def table(text: str) -> set[str]:
    """`METHOD path renders` of each route, "?" after the path where a prefix is unknown."""
    (routes, _, _), _ = register(text)
    return {f"{r.method} {r.path}{'' if r.prefix_known else '?'} {r.renders}".strip() for r in routes}


def test_fastapi_prefixes_through_modules_and_settings() -> None:
    found = table("""
-- backend/app/main.py --
from fastapi import FastAPI
from app.api import api_router
from app.core.config import settings
app = FastAPI()
app.include_router(api_router, prefix=settings.API)
@app.get("/health", include_in_schema=False)
def health(): return {"ok": True}
-- backend/app/api/__init__.py --
from fastapi import APIRouter
from app.api.routes import items
api_router = APIRouter()
api_router.include_router(items.router, prefix="/v1")
-- backend/app/api/routes/items.py --
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
router = APIRouter(prefix="/items")
@router.get("/{item_id:int}")
async def read(item_id: int): return item_id
@router.post("")
def create(): ...
@router.api_route("/page", methods=["GET", "HEAD"], response_class=HTMLResponse)
def page(): ...
@router.websocket("/ws")
async def ws(s): ...
-- backend/app/core/config.py --
class Settings(BaseSettings):
    API: str = "/api"
settings = Settings()
""")
    assert found == {
        "GET /health json", "GET /api/v1/items/{item_id} json", "POST /api/v1/items json", "GET /api/v1/items/page html",
        "HEAD /api/v1/items/page html", "GET /api/v1/items/ws json",
    }  # fmt: skip


def test_fastapi_factories_mounts_and_derived_classes() -> None:
    found = table("""
-- app.py --
from fastapi import FastAPI, APIRouter
class MyRouter(APIRouter): ...
def setup(application: FastAPI):
    application.include_router(router, prefix="/x")
def create_app():
    app = FastAPI()
    setup(app)
    app.mount("/sub", sub)
    app.add_api_route("/added", added, methods=["PUT"])
    return app
router = MyRouter()
@router.get("/y")
def y(): return {}
sub = FastAPI()
@sub.get("/z")
def z(): return {}
def added(): return {}
app = create_app()
@app.get("/late")
def late(): return {}
""")
    assert found == {"GET /x/y json", "GET /sub/z json", "PUT /added json", "GET /late json"}


def test_a_router_that_nothing_includes_has_no_known_prefix() -> None:
    assert table(
        "-- a.py --\nfrom fastapi import APIRouter\nr = APIRouter(prefix='/p')\n@r.get('/x')\ndef x(): ..."
    ) == {"GET /p/x? json"}


def test_clients_and_mappings_register_nothing() -> None:
    found = table(
        "-- a.py --\nfrom fastapi import FastAPI\nimport httpx\napp = FastAPI()\nhttpx.get('/x')\n{}.get('/y')\nc.get('/z')"
    )
    assert found == set()


def test_starlette_lists() -> None:
    found = table("""
-- a.py --
from starlette.applications import Starlette
from starlette.routing import Route, Mount
from starlette.responses import JSONResponse, PlainTextResponse
async def home(request): return PlainTextResponse("hi")
async def user(request): return JSONResponse({})
routes = [Route("/", home), Mount("/users", routes=[Route("/{name}", user, methods=["GET", "POST"])])]
app = Starlette(routes=routes)
""")
    assert found == {"GET / text", "GET /users/{name} json", "POST /users/{name} json"}


def test_flask_blueprints_views_and_resources() -> None:
    found = table("""
-- app/__init__.py --
from flask import Flask
def create_app():
    app = Flask(__name__)
    from app.users import bp as users_bp
    app.register_blueprint(users_bp, url_prefix="/users")
    from app.admin import bp
    app.register_blueprint(bp)
    return app
-- app/users.py --
from flask import Blueprint, render_template, jsonify, redirect
from flask.views import MethodView
bp = Blueprint("users", __name__, url_prefix="/overridden")
@bp.route("/<int:id>", methods=["GET", "POST"])
def user(id): return render_template("u.html")
@bp.route("/list")
def users(): return jsonify([])
@bp.get("/go")
def go(): return redirect("/")
class Thing(MethodView):
    def get(self): return {}
    def delete(self): return "", 204
bp.add_url_rule("/thing", view_func=Thing.as_view("thing"))
-- app/admin.py --
from flask import Blueprint
from flask_restx import Api, Resource, Namespace
bp = Blueprint("admin", __name__, url_prefix="/admin")
api = Api(bp)
ns = Namespace("jobs")
api.add_namespace(ns)
@ns.route("/<id>")
class Job(Resource):
    def get(self, id): return {}
    def put(self, id): return {}
class Other(Resource):
    def post(self): return {}
api.add_resource(Other, "/other", "/another")
""")
    assert found == {
        "GET /users/{id} html", "POST /users/{id} html", "GET /users/list json", "GET /users/go redirect",
        "GET /users/thing json", "DELETE /users/thing text", "GET /admin/jobs/{id} json", "PUT /admin/jobs/{id} json",
        "POST /admin/other json", "POST /admin/another json",
    }  # fmt: skip


def test_django_includes_views_and_rest_routers() -> None:
    found = table("""
-- proj/settings.py --
ROOT_URLCONF = "proj.urls"
-- proj/urls.py --
from django.contrib import admin
from django.urls import path, include, re_path
from django.views.generic import TemplateView
from rest_framework.routers import DefaultRouter
from shop import views
router = DefaultRouter()
router.register(r"orders", views.OrderViewSet)
urlpatterns = [
    path("admin/", admin.site.urls),
    path("shop/", include("shop.urls")),
    path("api/", include(router.urls)),
    path("about/", TemplateView.as_view(template_name="a.html")),
    re_path(r"^old/(?P<year>[0-9]{4})/$", views.old),
]
if settings.DEBUG:
    urlpatterns += [path("debug/", views.debug)]
-- shop/urls.py --
from django.urls import path
from . import views
urlpatterns = [path("<int:pk>/", views.detail), path("form/", views.Form.as_view())]
-- shop/views.py --
from django.shortcuts import render
from django.http import JsonResponse
from django.views import View
from django.views.decorators.http import require_POST
from rest_framework.viewsets import ReadOnlyModelViewSet
from rest_framework.decorators import action
def detail(request, pk): return render(request, "d.html")
@require_POST
def old(request, year): return JsonResponse({})
def debug(request): return JsonResponse({})
class Form(View):
    def get(self, request): return render(request, "f.html")
    def post(self, request): return render(request, "f.html")
class OrderViewSet(ReadOnlyModelViewSet):
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk): ...
""")
    assert found == {
        "* /admin/ html", "* /shop/{pk}/ html", "GET /shop/form/ html", "POST /shop/form/ html", "GET /api/orders/ json",
        "GET /api/orders/{id}/ json", "POST /api/orders/{id}/cancel/ json", "GET /about/ html", "POST /old/{year}/ json",
        "* /debug/ json",
    }  # fmt: skip


def test_django_ninja_below_urlpatterns() -> None:
    found = table("""
-- p/urls.py --
from django.urls import path
from ninja import NinjaAPI
from p.api import router
api = NinjaAPI()
api.add_router("/events/", router)
urlpatterns = [path("api/", api.urls)]
-- p/api.py --
from ninja import Router
router = Router()
@router.get("/{int:event_id}")
def event(request, event_id: int): return {}
""")
    assert {route.split()[1].split("{")[0] for route in found} == {"/api/events/"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from aiohttp import web\nasync def h(r): return web.json_response({})\napp = web.Application()\napp.router.add_get('/a', h)\n"
         "app.add_routes([web.post('/b', h)])\nsub = web.Application()\nsub.router.add_route('*', '/c', h)\napp.add_subapp('/s', sub)",
         {"GET /a json", "POST /b json", "* /s/c json"}),
        ("from aiohttp import web\nroutes = web.RouteTableDef()\n@routes.get('/a')\nasync def h(r): return web.json_response({})\n"
         "app = web.Application()\napp.add_routes(routes)", {"GET /a json"}),
        ("from litestar import Litestar, get, Controller, Router\n@get('/a')\nasync def a() -> dict: return {}\nclass C(Controller):\n"
         "    path = '/c'\n    @get('/x')\n    async def x(self) -> dict: return {}\nr = Router(path='/v1', route_handlers=[C])\n"
         "app = Litestar(route_handlers=[a, r])", {"GET /a json", "GET /v1/c/x json"}),
        ("from sanic import Sanic, Blueprint\nfrom sanic.response import json\nbp = Blueprint('b', url_prefix='/b')\n@bp.get('/x')\n"
         "async def x(r): return json({})\napp = Sanic('a')\napp.blueprint(bp)", {"GET /b/x json"}),
        ("import tornado.web\nclass H(tornado.web.RequestHandler):\n    def get(self): ...\n    def post(self): ...\n"
         "app = tornado.web.Application([(r'/x/([0-9]+)', H)])", {"GET /x/{arg1}", "POST /x/{arg1}"}),
        ("import falcon\nclass T:\n    def on_get(self, req, resp): ...\n    def on_post(self, req, resp): ...\napp = falcon.App()\n"
         "app.add_route('/t', T())", {"GET /t json", "POST /t json"}),
        ("from pyramid.view import view_config\nfrom pyramid.config import Configurator\n"
         "@view_config(route_name='home', renderer='json', request_method='GET')\ndef home(request): return {}\n"
         "def main():\n    config = Configurator()\n    config.add_route('home', '/h/{x}')\n    config.scan()", {"GET /h/{x} json"}),
    ],
    ids=["aiohttp", "aiohttp-table", "litestar", "sanic", "tornado", "falcon", "pyramid"],
)  # fmt: skip
def test_other_frameworks(text: str, expected: set[str]) -> None:
    assert table(f"-- a.py --\n{text}\n") == expected


def test_handlers_are_found_across_modules() -> None:
    (routes, _, _), modules = register("""
-- svc/app.py --
from flask import Flask
from svc.views import shown as view
app = Flask(__name__)
app.add_url_rule("/x", view_func=view)
-- svc/views/__init__.py --
from .real import shown
-- svc/views/real.py --
def other(): ...
def shown(): return "x"
""")
    assert [(r.where.line, r.handler_path) for r in routes] == [(4, "svc/views/real.py")]
    assert modules["svc/views/real.py"].functions[routes[0].handler_function].name == "shown"


def test_rings_of_imports_and_classes_end() -> None:
    files = "".join(
        f"-- p/m{n}.py --\n" + "".join(f"from p.m{m} import *\n" for m in range(12) if m != n)
        + f"class C{n}(C{(n + 1) % 12}, C{(n + 5) % 12}): ...\napp = C{n}()\n@unknown.get('/x')\ndef f(): ...\n"
        for n in range(12)
    )  # fmt: skip
    assert table(files) == set()


def test_url_configurations_in_a_ring_end() -> None:
    lists = ", ".join(f"path('x{n}/', include('p.urls'))" for n in range(9))
    assert table(f"-- p/urls.py --\nfrom django.urls import path, include\nurlpatterns = [{lists}]\n") == set()


def test_conditions_around_a_registration_are_kept() -> None:
    (routes, _, _), _ = register(
        "-- a.py --\nfrom flask import Flask\napp = Flask(__name__)\nif DEBUG:\n    @app.get('/d')\n    def d(): ..."
    )
    assert routes[0].conditions == ("DEBUG",)


def test_grpc_services() -> None:
    (_, services, apps), _ = register(
        "-- a.py --\nimport grpc\nfrom p import x_pb2_grpc as x\nfrom grpc_health.v1 import health_pb2_grpc\n"
        "s = grpc.server(pool)\nx.add_CartServicer_to_server(C(), s)\nhealth_pb2_grpc.add_HealthServicer_to_server(H(), s)"
    )
    assert [service.name for service in services] == ["Cart", "Health"]
    assert [(app.framework, app.kind) for app in apps] == [("grpc", "grpc")]


@pytest.mark.parametrize(
    ("text", "framework", "kind"),
    [
        ("from celery import Celery\napp = Celery('x', broker='redis://')", "celery", "worker"),
        ("from celery import Celery\nclass Mine(Celery): ...\napp = Mine()", "celery", "worker"),
        ("import dramatiq\n@dramatiq.actor\ndef f(): ...", "dramatiq", "worker"),
        ("class WorkerSettings:\n    functions = [f]", "arq", "worker"),
        ("import pika\nc = pika.BlockingConnection().channel()\nc.basic_consume('q', f)", "pika", "worker"),
        ("from kombu.mixins import ConsumerMixin\nclass W(ConsumerMixin): ...", "kombu", "worker"),
        ("from fastapi import FastAPI\napp = FastAPI()", "fastapi", "http"),
        ("from flask import Flask\napp = Flask(__name__)", "flask", "http"),
        ("ROOT_URLCONF = 'p.urls'", "django", "http"),
        ("from http.server import HTTPServer\nHTTPServer(('', 1), H)", "http.server", "http"),
        ("import connexion\napp = connexion.FlaskApp(__name__)\n", "connexion", "http"),
    ],
)
def test_applications(text: str, framework: str, kind: str) -> None:
    (_, _, apps), _ = register(f"-- a.py --\n{text}\n")
    assert {(app.framework, app.kind) for app in apps} == {(framework, kind)}


def test_a_method_of_its_own_that_hands_resources_on_registers_them() -> None:
    text = """-- app.py --
from flask import Flask
from flask_restful import Api, Resource


class Orders(Resource):
    def get(self):
        return []


class OwnApi(Api):
    def add_own_resource(self, resource, *urls, **kwargs):
        return self.add_resource(resource, *urls, **kwargs)


app = Flask(__name__)
api = OwnApi(app)
api.add_own_resource(Orders, "/orders")
"""
    assert table(text) == {"GET /orders json"}
