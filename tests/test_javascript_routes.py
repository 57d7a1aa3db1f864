"""Routes, applications, workers and gRPC services found in JavaScript code."""

from __future__ import annotations

from pathlib import Path

from txtar import unpack

from readiness.frameworks.javascript import find
from readiness.languages.javascript import read
from readiness.routing import App, GrpcService, Route
from readiness.source import Module


def _modules(text: str, folder: Path) -> list[Module]:
    unpack(text, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [read(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]


def found(tmp_path: Path, text: str) -> tuple[list[Route], list[GrpcService], list[App]]:
    return find(_modules(text, tmp_path))


def paths(tmp_path: Path, text: str) -> list[str]:
    return sorted(f"{route.method} {route.path}" for route in found(tmp_path, text)[0])


def test_express_routers_are_followed_across_modules(tmp_path: Path) -> None:
    text = """
-- src/app.js --
const express = require('express');
const routes = require('./routes/v1');
const app = express();
app.set('etag', false);
app.get('etag');
app.use('/v1', routes);
app.use('/health', (req, res) => res.json({ ok: true }));
module.exports = app;
-- src/routes/v1/index.js --
const router = require('express').Router();
const all = [{ path: '/users', route: require('./user.route') }];
all.forEach((entry) => { router.use(entry.path, entry.route); });
module.exports = router;
-- src/routes/v1/user.route.js --
const express = require('express');
const { users } = require('../../controllers');
const router = express.Router();
router.route('/').post(auth('x'), users.create).get(users.list);
router.get('/:id(\\\\d+)', users.one);
module.exports = router;
-- src/controllers/index.js --
module.exports.users = require('./users');
-- src/controllers/users.js --
const wrap = require('../wrap');
const create = wrap(async (req, res) => { res.status(201).send({}); });
const list = (req, res) => res.render('users');
async function one(req, res) { res.redirect('/'); }
module.exports = { create, list, one };
"""
    routes = {f"{r.method} {r.path}": r for r in found(tmp_path, text)[0]}
    assert set(routes) == {"POST /v1/users", "GET /v1/users", "GET /v1/users/{id}", "* /health"}
    create = routes["POST /v1/users"]
    assert (create.handler, create.handler_path, create.renders) == ("users.create", "src/controllers/users.js", "json")
    assert create.where.path == "src/routes/v1/user.route.js" and create.where.line == 4
    assert routes["GET /v1/users"].renders == "html" and routes["GET /v1/users/{id}"].renders == "redirect"


def test_a_page_for_browsers_and_json_for_programs_is_json(tmp_path: Path) -> None:
    text = """
-- app.js --
const app = require('express')();
app.get('/links', (req, res) => {
  if (req.isHTML) {
    res.render('links');
    return;
  }
  return res.send({ data: [] });
});
app.get('/home', (req, res) => {
  if (!req.user) return res.json({ error: 'sign in' });
  res.render('home');
});
"""
    assert {r.path: r.renders for r in found(tmp_path, text)[0]} == {"/links": "json", "/home": "html"}


def test_an_application_handed_to_a_function(tmp_path: Path) -> None:
    text = """
-- server.js --
const express = require("express");
const app = express();
require("./app/routes")(app, db);
-- app/routes/index.js --
const SessionHandler = require("./session");
const index = (app, db) => {
  const session = new SessionHandler(db);
  if (process.env.ADMIN) { app.get("/admin", session.show); }
  for (const page of ["a", "b"]) { app.get(`/p/${page}`, session.show); }
};
module.exports = index;
-- app/routes/session.js --
function SessionHandler(db) { this.show = (req, res) => res.send("hello"); }
module.exports = SessionHandler;
"""
    routes, _, apps = found(tmp_path, text)
    assert [r.path for r in routes] == ["/admin", "/p/a", "/p/b"]
    assert routes[0].handler_path == "app/routes/session.js" and routes[0].renders == "text"
    assert routes[0].conditions == ("process.env.ADMIN",)
    assert [(a.framework, a.kind, a.where.path) for a in apps] == [("express", "http", "server.js")]


def test_typescript_classes_that_hold_routers(tmp_path: Path) -> None:
    text = """
-- src/controller.ts --
import { Router } from 'express';
export default class Controller {
  private app = Router();
  get(path: string, handler: any) { this.app.get(path, handler.bind(this)); }
  use(path: string, router: any) { this.app.use(path, router); }
  get router() { return this.app; }
}
-- src/users.ts --
import Controller from './controller';
export class Users extends Controller {
  constructor() { super(); this.get('/me', this.me); }
  async me(req, res) { res.json({}); }
}
-- src/main.ts --
import express from 'express';
import { Users } from './users';
const app = express();
app.use('/api', new Users().router);
"""
    routes = found(tmp_path, text)[0]
    assert [(r.method, r.path, r.handler, r.renders) for r in routes] == [("GET", "/api/me", "this.me", "json")]


def test_path_aliases_and_an_unmounted_router(tmp_path: Path) -> None:
    text = """
-- src/app.ts --
import express from 'express';
import users from '@/routes/users';
const app = express();
app.use('/users', users);
-- src/routes/users.ts --
import { Router } from 'express';
const router = Router();
router.get('/', (req, res) => res.json([]));
export default router;
-- src/routes/lost.ts --
import { Router } from 'express';
export const lost = Router();
lost.get('/lost', (req, res) => res.json([]));
"""
    routes = found(tmp_path, text)[0]
    assert sorted((r.path, r.prefix_known) for r in routes) == [("/lost", False), ("/users", True)]


def test_fastify_plugins_and_autoload(tmp_path: Path) -> None:
    text = """
-- src/app.ts --
import Fastify from 'fastify';
import autoload from '@fastify/autoload';
import path from 'node:path';
import admin from './admin';
const app = Fastify({ logger: true });
app.register(autoload, { dir: path.join(__dirname, 'routes'), options: { prefix: '/api' } });
app.register(admin, { prefix: '/admin' });
app.route({ method: ['GET', 'HEAD'], url: '/raw', handler: async () => ({ ok: true }) });
app.after(() => { app.get('/health', async () => ({ ok: true })) });
-- src/admin.ts --
import { FastifyInstance } from 'fastify';
export default async function (fastify: FastifyInstance) {
  fastify.delete('/:id', { schema: {} }, async (request, reply) => reply.code(204).send());
}
-- src/routes/tasks/_taskId/index.ts --
import { FastifyPluginAsync } from 'fastify';
const plugin: FastifyPluginAsync = async (fastify) => { fastify.get('/', async () => ['a']) };
export default plugin;
-- src/routes/other.js --
module.exports = async function (fastify, opts) { fastify.post('/other', handler) }
module.exports.autoPrefix = '/x';
"""
    assert paths(tmp_path, text) == [
        "DELETE /admin/{id}",
        "GET /api/tasks/{taskId}",
        "GET /health",
        "GET /raw",
        "HEAD /raw",
        "POST /api/x/other",
    ]


def test_nest_controllers(tmp_path: Path) -> None:
    text = """
-- src/main.ts --
import { NestFactory } from '@nestjs/core';
import { VersioningType } from '@nestjs/common';
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.setGlobalPrefix('api', { exclude: ['health'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  await app.listen(3000);
}
-- src/paths.ts --
export const paths = { users: { root: `users` } };
-- src/users.controller.ts --
import { Controller, Get, Post, Version, Render, UseGuards } from '@nestjs/common';
import { paths } from './paths';
@Controller(paths.users.root)
export class UsersController {
  constructor(private readonly users: UsersService) {}
  @Get(':id') one(): Promise<User> { return this.users.one() }
  @UseGuards(JwtGuard) @Version('2') @Post() create(@Body() dto: CreateUser) { return this.users.create(dto) }
  helper() {}
}
-- src/health.controller.ts --
import { Controller, Get } from '@nestjs/common';
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController { @Get() check(): string { return 'ok' } }
-- src/jobs.ts --
import { Processor } from '@nestjs/bullmq'; import { GrpcMethod } from '@nestjs/microservices';
@Processor('mail') export class Mail {}
export class HeroController { @GrpcMethod('HeroService', 'FindOne') findOne() {} @GrpcMethod('HeroService') all() {} }
"""
    routes, grpc, apps = found(tmp_path, text)
    assert sorted((r.method, r.path, r.renders, r.tags) for r in routes) == [
        ("GET", "/api/v1/users/{id}", "json", ()),
        ("GET", "/health", "text", ()),
        ("POST", "/api/v2/users", "json", ("auth",)),
    ]
    assert [service.name for service in grpc] == ["HeroService"]
    assert {(a.framework, a.kind) for a in apps} == {("nestjs", "http"), ("bull", "worker")}


def test_koa_hono_hapi_restify(tmp_path: Path) -> None:
    text = """
-- koa.js --
const Koa = require('koa'); const Router = require('@koa/router'); const mount = require('koa-mount');
const app = new Koa(); const api = new Router({ prefix: '/api' }); const inner = new Router();
inner.get('/x/:id', async (ctx) => { ctx.body = { a: 1 }; });
api.use('/v1', inner.routes(), inner.allowedMethods());
app.use(api.routes());
-- hono.ts --
import { Hono } from 'hono';
const books = new Hono();
books.get('/:id', (c) => c.json({}));
const app = new Hono().basePath('/base');
app.route('/books', books);
app.on('PURGE', '/cache', (c) => c.text('ok'));
-- hapi.js --
const Hapi = require('@hapi/hapi');
const init = async () => {
  const server = Hapi.server({ port: 3000 });
  server.route([{ method: 'GET', path: '/hapi/{id}', handler: (request, h) => ({ ok: 1 }) }]);
};
-- restify.js --
const restify = require('restify');
const server = restify.createServer();
server.del('/r/:id', (req, res, next) => { res.send(204); next(); });
"""
    assert paths(tmp_path, text) == [
        "DELETE /r/{id}",
        "GET /api/v1/x/{id}",
        "GET /base/books/{id}",
        "GET /hapi/{id}",
        "PURGE /base/cache",
    ]


def test_next_route_files(tmp_path: Path) -> None:
    text = """
-- web/src/app/(main)/users/[id]/route.ts --
import { NextResponse } from 'next/server';
export async function GET() { return NextResponse.json({}); }
export const DELETE = auth(async () => new Response(null));
-- web/app/api/[[...all]]/route.ts --
export { GET, POST } from './handlers';
-- web/pages/api/users/index.ts --
export default function handler(req, res) { res.status(200).json({}); }
-- web/app/page.tsx --
export default function Page() { return <a/>; }
"""
    assert paths(tmp_path, text) == [
        "* /api/users",
        "DELETE /users/{id}",
        "GET /api/{all}",
        "GET /users/{id}",
        "POST /api/{all}",
    ]


def test_plain_server_and_workers(tmp_path: Path) -> None:
    text = """
-- main.js --
const http = require('node:http'); const { Worker } = require('bullmq'); const grpc = require('@grpc/grpc-js');
http.createServer((req, res) => {
  if (req.method === 'GET' && req.url === '/healthz') { res.end('ok'); }
}).listen(80);
new Worker('q', async (job) => {});
const server = new grpc.Server();
server.addService(proto.shop.Cart.service, { get });
-- kafka.ts --
import { Kafka } from 'kafkajs';
const consumer = new Kafka({ clientId: 'a' }).consumer({ groupId: 'g' });
await consumer.run({ eachMessage: async () => {} });
"""
    text += """
-- amqp.js --
const amqp = require('amqplib/callback_api');
amqp.connect('amqp://x', (error, connection) => {
  connection.createChannel((failure, channel) => { channel.consume('q', (message) => channel.ack(message)); });
});
"""
    routes, grpc, apps = found(tmp_path, text)
    assert [(r.method, r.path, r.framework) for r in routes] == [("GET", "/healthz", "node")]
    assert [service.name for service in grpc] == ["Cart"]
    assert sorted((a.framework, a.kind) for a in apps) == [
        ("amqplib", "worker"),
        ("bullmq", "worker"),
        ("grpc", "grpc"),
        ("kafkajs", "worker"),
        ("node", "http"),
    ]


def test_clients_and_collections_are_no_servers(tmp_path: Path) -> None:
    text = """
-- src/client.ts --
import axios from 'axios'; import express from 'express'; import { render } from 'testing';
const api = axios.create(); const cache = new Map();
export function load(app, server) {
  axios.get('/users', { params: {} }); api.post('/users', body); cache.get('/x', 1); fetch('/y'); this.http.get('/z', o);
}
$.get('/jq', function (data) {});
-- src/page.tsx --
import React from 'react';
export const router = createBrowserRouter([{ path: '/' }]);
app.get('/x', () => 1);
"""
    assert paths(tmp_path, text) == []


def test_routers_made_by_functions_and_applications_inside_objects(tmp_path: Path) -> None:
    text = """
-- src/start.ts --
import express from 'express'; import load from './load';
const app = express();
load({ app });
-- src/load.ts --
import express from 'express'; import routes from './api'; import config from './config';
export default ({ app }: { app: express.Application }) => {
  app.head('/status', (req, res) => { res.status(200).end(); });
  app.use(config.api.prefix, routes());
};
-- src/config.ts --
export default { api: { prefix: '/api' } };
-- src/api.ts --
import { Router } from 'express'; import auth from './auth'; import up from './up';
export default () => { const app = Router(); auth(app); app.use('/s', up({ db })); return app; };
-- src/auth.ts --
import { Router } from 'express';
const route = Router();
export default (app: Router) => { app.use('/auth', route); route.post('/signup', (req, res) => res.json({})); };
-- src/up.ts --
import express from 'express';
export default function make(deps) { const router = express.Router(); router.get('/up', h); return router }
"""
    assert paths(tmp_path, text) == ["GET /api/s/up", "HEAD /status", "POST /api/auth/signup"]


def test_routes_that_libraries_provide(tmp_path: Path) -> None:
    text = """
-- app.js --
const express = require('express'); const { createTerminus } = require('@godaddy/terminus');
const app = express();
app.use('/healthcheck', require('express-healthcheck')());
const options = { healthChecks: { '/healthz': async () => { await db.ping(); } } };
createTerminus(server, options);
-- fast.js --
const app = require('fastify')();
app.register(require('@fastify/under-pressure'), { exposeStatusRoute: true });
app.register(require('fastify-metrics'), { endpoint: '/m' });
"""
    assert paths(tmp_path, text) == ["GET /healthcheck", "GET /healthz", "GET /m", "GET /status"]


def test_an_application_that_a_function_decorates(tmp_path: Path) -> None:
    text = """
-- app.js --
const express = require('express'); const decorate = require('./decorate');
const app = decorate(express());
app.get('/home', (req, res) => res.render('home'));
-- decorate.js --
module.exports = function (server) { server.get('/extra', (req, res) => res.json({})); return server; };
-- controllers.ts --
import { JsonController, Get, createExpressServer } from 'routing-controllers';
@JsonController('/pets') export class Pets { @Get('/:id') one() { return {}; } }
createExpressServer({ routePrefix: '/api', controllers: [Pets] });
"""
    routes = found(tmp_path, text)[0]
    assert sorted((r.path, r.prefix_known) for r in routes) == [
        ("/api/pets/{id}", True),
        ("/extra", True),
        ("/home", True),
    ]


def test_circular_code_ends(tmp_path: Path) -> None:
    stars = "export * from './b';\n" * 40
    mounts = "".join(f"r{i}.use('/{j}', r{j});\n" for i in range(12) for j in range(12))
    routers = "".join(f"const r{i} = express.Router(); r{i}.get('/x', h);\n" for i in range(12))
    text = f"""
-- a.js --
{stars}
-- b.js --
{stars.replace("./b", "./a")}
-- c.js --
const express = require('express'); import {{ nothing }} from './a';
{routers}{mounts}
const x = y; const y = x; const f = f2(f); const f2 = f(f2);
r1.get(x, f, nothing); r1.use(nothing, f2, x);
class A extends B {{}} class B extends A {{ go() {{ this.router.get('/', h) }} }} new A().router.get('/q', h);
"""
    assert len(found(tmp_path, text)[0]) > 12
