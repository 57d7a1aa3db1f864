"""The JavaScript reader: what it says of imports, symbols, calls, classes and the environment."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.languages.javascript import read
from readiness.source import CallRef, Choice, Constant, FunctionRef, Joined, Mapping, Module, Name, Number, Text


def module(source: str, path: str = "src/app.ts") -> Module:
    return read(path, source.encode())


def imports(source: str, path: str = "src/app.ts") -> dict[str, str]:
    return {found.local: found.symbol for found in module(source, path).imports}


def callees(source: str, path: str = "src/app.ts") -> list[str]:
    return [call.callee for call in module(source, path).calls]


def test_imports_are_named_by_package_or_by_path_from_the_root() -> None:
    source = """
    import express, { Router as R } from 'express';
    import * as fs from 'node:fs';
    import users from './users/index.js';
    import { db } from '../db';
    import legacy = require('./legacy');
    """
    assert imports(source) == {
        "express": "express",
        "R": "express.Router",
        "fs": "fs",
        "users": "./src/users.default",
        "db": "./db.db",
        "legacy": "./src/legacy",
    }


def test_type_imports_bring_no_code() -> None:
    found = module("import type { A } from 'a'; import { type B, C } from 'b';").imports
    assert [(i.local, i.typing_only) for i in found] == [("A", True), ("B", True), ("C", False)]


def test_require_is_an_import_and_its_parts_are_known() -> None:
    source = "const { Router, json: parse } = require('express'); parse(); Router(); require('dotenv').config();"
    assert callees(source, "a.js") == ["express.json", "express.Router", "dotenv.config"]
    assert {i.symbol for i in module(source, "a.js").imports} == {"express", "dotenv"}


def test_calling_a_required_module() -> None:
    call = module("const app = express(); require('./routes')(app, db)", "src/app.js").calls[1]
    assert (call.callee, call.args[0]) == ("./src/routes", Name("express()", "app"))


def test_a_variable_carries_the_call_it_is_bound_to() -> None:
    source = (
        "import express from 'express'; import Koa from 'koa'; const app = express(); app.get('/', h); new Koa().use(h)"
    )
    calls = module(source).calls
    assert [c.callee for c in calls] == ["express", "express().get", "koa", "koa().use"]
    assert (calls[0].bound, calls[2].kind) == ("app", "new")


def test_functions_see_variables_declared_below_them_and_parameters_hide_imports() -> None:
    source = (
        "import pg from 'pg'; function f() { pool.query('x') } function g(pg) { pg.query() } const pool = new pg.Pool()"
    )
    assert callees(source)[1:] == ["pg.Pool().query", "pg.query"]
    hidden = next(c for c in module(source).calls if c.written == "pg.query")
    assert hidden.receiver == Name("pg", "pg") and module(source).functions[hidden.function].parameters[0].name == "pg"


def test_constructor_parameter_properties_and_fields_have_their_type() -> None:
    source = """
    import { DataSource } from 'typeorm'; import { Redis } from 'ioredis';
    export class A {
      private cache = new Redis();
      constructor(private readonly db: DataSource) {}
      async go() { await this.db.query('x'); return this.cache.get('k') }
    }
    """
    assert callees(source) == ["ioredis.Redis", "typeorm.DataSource.query", "ioredis.Redis().get"]


def test_decorators_belong_to_class_method_and_field() -> None:
    source = """
    import { Controller, Get } from '@nestjs/common';
    @Controller('cats') export class Cats { @IsString() name: string; @Get(':id') one() { return {} } }
    """
    found = module(source)
    assert [found.calls[d.index].callee for d in found.classes[0].decorators if isinstance(d, CallRef)] == [
        "@nestjs/common.Controller"
    ]
    assert len(found.classes[0].fields[0].decorators) == 1
    method = found.functions[found.function_named("one", "Cats")]
    assert isinstance(method.decorators[0], CallRef)
    assert found.calls[method.decorators[0].index].kind == "decorator"


def test_guards_say_when_a_call_happens() -> None:
    source = "if (prod) { a() } else if (dev) { b() } else { c() } x ? d() : e(); y && f(); switch (m) { case 1: g() }"
    assert [(c.written, c.guards) for c in module(source).calls] == [
        ("a", ("prod",)),
        ("b", ("not prod", "dev")),
        ("c", ("not prod", "not dev")),
        ("d", ("x",)),
        ("e", ("not x",)),
        ("f", ("y",)),
        ("g", ("m === 1",)),
    ]


def test_values() -> None:
    source = "f('a\\n', `x${y}z`, 'p' + q, a || 1_000, { k: true, ...r }, () => 1, 0x10)"
    args = module(source, "a.js").calls[0].args
    assert args[0] == Text("a\n")
    assert args[1] == Joined((Text("x"), Name("y", "y"), Text("z")))
    assert args[2] == Joined((Text("p"), Name("q", "q")))
    assert args[3] == Choice((Name("a", "a"), Number(1000)))
    assert args[4] == Mapping((("k", Constant("true")), ("**", Name("r", "r"))))
    assert isinstance(args[5], FunctionRef) and args[6] == Number(16)


def test_exports_are_assignments() -> None:
    source = "export { a as b } from './m'; export * from './n'; export default class C {}; module.exports.d = 1"
    assert [(a.target, getattr(a.value, "symbol", "")) for a in module(source, "x.ts").assignments] == [
        ("b", "./m.a"),
        ("*", "./n"),
        ("default", "C"),
        ("module.exports.d", ""),
    ]


def test_functions_are_named_by_what_they_are_assigned_to() -> None:
    source = "const a = () => 1; exports.b = async function () {}; function C() { this.d = () => {} }"
    found = module(source, "x.js")
    assert [(f.name, f.owner) for f in found.functions] == [("a", ""), ("b", ""), ("C", ""), ("d", "C")]
    assert found.returns[0].value == Number(1)


def test_throw_is_a_raise_and_a_catch_is_known() -> None:
    found = module("function f() { try { g() } catch (e) { throw new HttpError(500) } } function h() { g() }")
    assert [c.callee for c in found.calls if c.kind == "raise"] == ["HttpError"]
    assert [f.catches for f in found.functions] == [True, False]


def env(source: str) -> dict[str, tuple[object, bool]]:
    return {read.name: (getattr(read.default, "value", None), read.required) for read in module(source).env_reads}


def test_environment_reads_with_defaults() -> None:
    source = """
    const { HOST = 'localhost', TOKEN } = process.env;
    const port = Number(process.env.PORT || 3000);
    const url = process.env['URL'] ?? 'http://x';
    const mode = process.env.MODE ? process.env.MODE : 'dev';
    """
    assert env(source) == {
        "HOST": ("localhost", False),
        "TOKEN": (None, False),
        "PORT": (3000, False),
        "URL": ("http://x", False),
        "MODE": ("dev", False),
    }


def test_a_variable_whose_absence_raises_is_required() -> None:
    source = """
    const { KEY } = process.env;
    if (!KEY) { throw new Error('KEY') }
    if (!process.env.URL) process.exit(1);
    const other = process.env.OTHER;
    """
    assert env(source) == {"KEY": (None, True), "URL": (None, True), "OTHER": (None, False)}


def test_writing_the_environment_is_not_reading_it() -> None:
    assert env("process.env.TZ = 'UTC'") == {}


def test_environment_schemas() -> None:
    source = """
    import { z } from 'zod'; import { cleanEnv, str } from 'envalid'; import convict from 'convict'; import Joi from 'joi';
    const schema = z.object({ A: z.string(), B: z.coerce.number().default(5), C: z.string().optional() });
    export const env = schema.parse(process.env);
    cleanEnv(process.env, { D: str(), E: str({ default: 'e' }) });
    convict({ db: { host: { env: 'F', default: 'f' } } });
    const joi = Joi.object().keys({ G: Joi.string().required(), H: Joi.number().default(1) }).unknown();
    const { value } = joi.prefs({ errors: {} }).validate(process.env);
    """
    assert env(source) == {
        "A": (None, True),
        "B": (5, False),
        "C": (None, False),
        "D": (None, True),
        "E": ("e", False),
        "F": ("f", False),
        "G": (None, True),
        "H": (1, False),
    }


def test_nest_configuration_reads_only_names_of_variables() -> None:
    source = """
    import { ConfigService } from '@nestjs/config';
    class A { constructor(private config: ConfigService) {}
      f() { this.config.get('PORT', 3000); this.config.getOrThrow<string>('KEY'); this.config.get('db.host') } }
    cache.get('NOT_ENV')
    """
    assert env(source) == {"PORT": (3000, False), "KEY": (None, True)}


def test_components_are_known_by_name_only() -> None:
    source = "import React from 'react'; export function Page() { const r = axios.get('/x'); return <A b={c()} /> }"
    found = module(source, "src/Page.tsx")
    assert [f.name for f in found.functions] == ["Page"] and not found.calls
    served = "import { headers } from 'next/headers'; " + source
    assert [c.written for c in module(served, "src/Page.tsx").calls] == ["axios.get"]


def test_flow_types_are_read_and_broken_code_is_noted() -> None:
    assert not module("// @flow\nfunction f(a: string): number { return g(a) }", "a.js").has_errors
    broken = module("const a = {{{ ]]] ;;; \n" * 30 + "ok()")
    assert broken.has_errors


def test_deep_nesting_ends() -> None:
    for source in ("(" * 3000, "[" * 3000 + "]" * 3000, "a" + ".b()" * 3000, "x" + "+'y'" * 5000, "if(a){" * 2000):
        assert read("a.js", source.encode()).path == "a.js"


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), st.binary().map(lambda b: b.decode("latin-1"))), st.sampled_from(["a.js", "a.ts", "a.tsx"]))
def test_any_text_is_taken(source: str, path: str) -> None:
    read(path, source.encode("utf-8", "replace"))


_PIECES = [
    "const ", "{", "}", "(", ")", "=>", "a", ".b", "=", "`${", "`", "class A ", "@x()", "import ", "from 'y';", "\n",
    "[", "]", "process.env", "|| ", "?", ":", "'s'", "...", "async ", "await ", "export default ", "new ", "<T>", "<div>",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join), st.sampled_from(["a.js", "a.ts", "a.tsx"]))
def test_any_tokens_are_taken(source: str, path: str) -> None:
    read(path, source.encode())
