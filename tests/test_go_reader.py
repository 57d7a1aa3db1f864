"""What the Go reader makes of one file."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.go_environment import completed
from readiness.languages import golang
from readiness.languages.go_names import import_symbol, package_name
from readiness.source import (
    Call,
    CallRef,
    Constant,
    FunctionRef,
    Joined,
    Mapping,
    Module,
    Name,
    Number,
    Sequence,
    Text,
    literal,
)


def read(text: str) -> Module:
    return golang.read("main.go", text.encode())


def call(module: Module, callee: str) -> Call:
    return next(c for c in module.calls if c.callee == callee)


def env(text: str) -> dict[str, tuple[str | None, bool]]:
    return {e.name: (literal(e.default), e.required) for e in read("package main\n" + text).env_reads}


def test_package_names_follow_the_customs_for_import_paths() -> None:
    assert package_name("gopkg.in/yaml.v3") == "yaml"
    assert package_name("github.com/go-chi/chi/v5") == "chi"
    assert package_name("github.com/mattn/go-sqlite3") == "sqlite3"
    assert package_name("github.com/nats-io/nats.go") == "nats"
    assert package_name("github.com/go-ozzo/ozzo-routing/v2") == "routing"


def test_import_symbols_leave_out_the_major_version_but_keep_versioned_packages() -> None:
    assert import_symbol("github.com/gofiber/fiber/v2/middleware/cors") == "github.com/gofiber/fiber/middleware/cors"
    assert import_symbol("gopkg.in/yaml.v3") == "gopkg.in/yaml"
    assert import_symbol("github.com/acme/shop/internal/api/v1") == "github.com/acme/shop/internal/api/v1"
    assert import_symbol("github.com/acme/shop/internal/api/v2") == "github.com/acme/shop/internal/api/v2"


def test_a_variable_carries_the_call_that_made_it() -> None:
    module = read(
        'package main\nimport "github.com/gin-gonic/gin"\n'
        'func main() {\n r := gin.Default()\n v1 := r.Group("/v1")\n v1.GET("/x", h)\n}'
    )
    assert call(module, "github.com/gin-gonic/gin.Default().Group().GET").written == "v1.GET"
    assert call(module, "github.com/gin-gonic/gin.Default").bound == "r"
    assert module.is_main


def test_fields_parameters_and_receivers_carry_their_types() -> None:
    module = read(
        """package api
import ( g "github.com/gin-gonic/gin"; "net/http" )
type Server struct { router *g.Engine; name string }
func (s *Server) routes(w http.ResponseWriter) {
	s.router.GET("/", nil)
	w.Write(nil)
	s.log(s.name)
}"""
    )
    assert [c.callee for c in module.calls] == [
        "github.com/gin-gonic/gin.Engine.GET",
        "net/http.ResponseWriter.Write",
        "Server.log",
    ]
    assert module.functions[0].owner == "Server"
    assert module.calls[2].args == (Name("Server.name", "s.name"),)


def test_struct_literals_are_constructions_with_their_fields() -> None:
    module = read(
        'package main\nimport "net/http"\nfunc f() { srv := &http.Server{Addr: ":8080", Handler: mux}; srv.ListenAndServe() }'
    )
    made = call(module, "net/http.Server")
    assert (made.kind, made.bound, made.keyword("Addr")) == ("new", "srv", Text(":8080"))
    assert call(module, "net/http.Server.ListenAndServe").kind == "call"
    assert isinstance(module.assignments[0].value, Mapping)


def test_elements_of_slices_have_the_slices_type_and_positional_fields_their_names() -> None:
    module = read(
        """package main
type Route struct { Method, Path string }
var routes = []Route{{"GET", "/a"}, {Method: "PUT", Path: "/b"}}
func f() { for _, r := range routes { use(r.Path) } }"""
    )
    made = [c for c in module.calls if c.kind == "new"]
    assert [literal(c.keyword("Path")) for c in made] == ["/a", "/b"]
    assert call(module, "use").args == (Name("Route.Path", "r.Path"),)


def test_guards_say_under_what_condition_a_call_runs() -> None:
    module = read(
        """package main
func f() {
	if debug { a() } else if x > 1 { b() } else { c() }
	switch env { case "prod": d(); default: e() }
}"""
    )
    guards = {c.callee: c.guards for c in module.calls}
    assert guards["a"] == ("debug",)
    assert guards["b"] == ("not debug", "x > 1")
    assert guards["c"] == ("not debug", "not x > 1")
    assert guards["d"] == ('env == "prod"',)
    assert guards["e"] == ("not any case of env",)


def test_values_returns_and_panics() -> None:
    module = read(
        """package main
import ("fmt"; "errors")
const base = "/api" + "/v1"
func f() (int, error) {
	a, err := g()
	path := fmt.Sprintf("%s/users/%d", base, 3)
	if err != nil { panic(errors.New("no")) }
	return -1, nil
}"""
    )
    values = {a.target: a.value for a in module.assignments}
    assert literal(values["base"]) == "/api/v1"
    assert isinstance(values["a"], CallRef)
    assert values["path"] == Joined((Name("base", "base"), Text("/users/"), Number(3.0)))
    assert module.returns[0].value == Sequence((Number(-1.0), Constant("null")))
    assert call(module, "panic").kind == "raise"


def test_function_literals_are_functions_with_a_parent() -> None:
    module = read('package main\nfunc f() { h("/", func(c *Ctx) { c.Send() }) }')
    assert call(module, "h").args[1] == FunctionRef(1)
    assert module.functions[1].parent == 0
    assert call(module, "Ctx.Send").function == 1


def test_structs_have_fields_tags_and_embedded_types() -> None:
    module = read('package m\nimport "sync"\ntype C struct {\n sync.Mutex\n Port int `env:"PORT" envDefault:"80"`\n}')
    class_ = module.classes[0]
    assert class_.bases == ("sync.Mutex",)
    assert (class_.fields[1].name, class_.fields[1].type, class_.fields[1].tag) == (
        "Port",
        "int",
        'env:"PORT" envDefault:"80"',
    )


def test_generic_calls_and_new_with_a_value_are_read() -> None:
    module = read("package m\nfunc f() {\n a := get[int](x)\n b := New[T, U]()\n t := new(now())\n c(t)\n}")
    assert {"get", "New", "new", "now", "c"} <= {c.callee for c in module.calls}
    assert not module.has_errors


def test_syntax_errors_are_said_and_the_rest_is_read() -> None:
    module = read("package main\nfunc f() { a() }\nfunc g( {{{ \nfunc h() { b() }")
    assert module.has_errors
    assert "a" in {c.callee for c in module.calls}


def test_a_file_kept_out_of_builds_is_no_program() -> None:
    assert not read("//go:build ignore\n\npackage main\n\nfunc main() {}").is_main


def test_environment_reads_with_defaults() -> None:
    assert env(
        """import "os"
func a() {
	port := os.Getenv("PORT")
	if port == "" { port = "8080" }
	key, ok := os.LookupEnv("KEY")
	if !ok { log.Fatal("KEY is missing") }
	addr := ":80"
	if v := os.Getenv("ADDR"); v != "" { addr = v }
	use(port, key, addr, os.Getenv("PLAIN"))
}"""
    ) == {"PORT": ("8080", False), "KEY": (None, True), "ADDR": (":80", False), "PLAIN": (None, False)}


def test_environment_reads_through_the_files_own_functions() -> None:
    assert env(
        """import "os"
func getEnv(key, fallback string) string {
	if v, ok := os.LookupEnv(key); ok { return v }
	return fallback
}
func getInt(key string, fallback string) int { return atoi(getEnv(key, fallback)) }
func must(key string) string { v := os.Getenv(key); if v == "" { panic("missing") }; return v }
var cfg = Config{DSN: must("DSN"), Port: getEnv("PORT", "80"), Size: getInt("SIZE", "10")}"""
    ) == {"DSN": (None, True), "PORT": ("80", False), "SIZE": ("10", False)}


def test_environment_reads_of_tags_viper_and_flags() -> None:
    assert env(
        """import ("github.com/spf13/viper"; "github.com/urfave/cli/v2")
type A struct {
	Host string `env:"HOST,required"`
	Port int `envconfig:"PORT" default:"80"`
	Name string `env:"NAME" env-default:"x" env-required:"true"`
	Skip string `env:"-"`
}
func f() {
	viper.SetDefault("db.dsn", "local")
	viper.GetString("db.dsn")
	_ = &cli.StringFlag{Name: "s", EnvVars: []string{"SECRET"}, Value: "d"}
}"""
    ) == {
        "HOST": (None, True),
        "PORT": ("80", False),
        "NAME": ("x", True),
        "DB_DSN": ("local", False),
        "SECRET": ("d", False),
    }


def test_deep_nesting_is_bounded_and_said() -> None:
    assert read("package m\nvar x = " + "f(" * 5000 + ")" * 5000).has_errors
    assert read("package m\nvar x = " + " + ".join(['"a"'] * 5000)).assignments
    assert read("package m\nfunc f() {" + "if a {" * 3000 + "}" * 3000 + "}").has_errors
    read("package m\nvar x = a" + ".b()" * 3000)


_WORDS = st.sampled_from(
    [
        *("package", "import", "func", "type", "struct", "interface", "var", "const", "return", "if", "else", "switch"),
        *(
            "case",
            ":=",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            ".",
            ",",
            ";",
            '"a"',
            "`b`",
            "x",
            "1",
            "<-",
            "go",
            "defer",
            "range",
        ),
        *(
            "for",
            "map[string]int",
            "chan",
            "os.Getenv",
            "new(",
            "panic(",
            "\n",
            "\x00",
            "\\",
            "'c'",
            "é",
            "package m\n",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(_WORDS, max_size=60).map(lambda words: " ".join(words).encode())))
def test_any_content_gives_a_module_that_can_be_stored(content: bytes) -> None:
    module = golang.read("x.go", content)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=Module) == module


def test_environment_reads_through_own_functions_of_other_files_and_constants() -> None:
    files = {
        "env/env.go": 'package env\nimport "os"\nconst Port = "PORT"\n'
        "func Get(key, d string) string { if v, ok := os.LookupEnv(key); ok { return v }\n return d }",
        "env/int.go": "package env\nfunc Int(key string, d string) int { return atoi(Get(key, d)) }",
        "cmd/main.go": 'package main\nimport ("example.com/app/env"; "os")\nfunc main() {\n'
        'env.Get(env.Port, "80")\nenv.Int("SIZE", "3")\nos.Getenv(env.Port)\n}',
    }
    modules = completed([golang.read(path, text.encode()) for path, text in files.items()])
    assert [(e.name, e.line, literal(e.default)) for e in modules[2].env_reads] == [
        ("PORT", 4, "80"),
        ("SIZE", 5, "3"),
        ("PORT", 6, None),
    ]
