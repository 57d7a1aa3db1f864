"""The routes, gRPC services and applications that Go code registers, framework by framework."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st
from txtar import parse

from readiness.frameworks import golang as finder
from readiness.languages import golang
from readiness.routing import Route
from readiness.source import Module
from readiness.symbols_go import GoSymbols


def modules(text: str) -> list[Module]:
    return [golang.read(path, content.encode()) for path, content in parse(dedent(text)).items()]


def found(text: str) -> list[Route]:
    return finder.find(modules(text))[0]


def told(text: str) -> set[str]:
    return {f"{r.method} {r.path}" for r in found(text)}


def one_file(imports: str, body: str) -> str:
    return f"-- main.go --\npackage main\nimport (\n{imports}\n)\n{body}\n"


def test_net_http_patterns_of_both_ages() -> None:
    routes = found(
        one_file(
            '"net/http"',
            """
func main() {
    mux := http.NewServeMux()
    mux.HandleFunc("GET /users/{id}", getUser)
    mux.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir("x"))))
    http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
    http.ListenAndServe(":8080", mux)
}
func getUser(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(1) }""",
        )
    )
    by_path = {r.path: r for r in routes}
    assert (by_path["/users/{id}"].method, by_path["/users/{id}"].handler) == ("GET", "getUser")
    assert by_path["/users/{id}"].handler_function == 2
    assert by_path["/healthz"].renders == "text"
    assert set(by_path["/static"].tags) == {"static", "subtree"}


def test_gin_groups_flow_through_functions_and_packages() -> None:
    text = """\
        -- go.mod --
        module example.com/shop
        -- main.go --
        package main
        import (
            "example.com/shop/api"
            "github.com/gin-gonic/gin"
        )
        func main() {
            r := gin.New()
            v1 := r.Group("/v1")
            api.Register(v1)
            r.GET("/healthz", api.Health)
        }
        -- api/api.go --
        package api
        import "github.com/gin-gonic/gin"
        func Register(rg *gin.RouterGroup) {
            users := rg.Group("/users")
            {
                users.GET("", list)
                users.DELETE("/:id", auth(), remove)
            }
        }
        func list(c *gin.Context) { c.JSON(200, gin.H{"a": 1}) }
        func remove(c *gin.Context) { c.String(200, "gone") }
        func Health(c *gin.Context) { c.HTML(200, "x", nil) }
        """
    by_path = {r.path: r for r in found(text)}
    assert set(by_path) == {"/v1/users", "/v1/users/{id}", "/healthz"}
    assert (by_path["/v1/users"].renders, by_path["/v1/users/{id}"].renders) == ("json", "text")
    assert by_path["/healthz"].handler_path == "api/api.go"
    assert by_path["/healthz"].renders == "html"
    assert by_path["/v1/users/{id}"].handler == "remove"


def test_a_group_whose_origin_is_not_known_says_so() -> None:
    text = one_file('"github.com/gin-gonic/gin"', 'func Register(rg *gin.RouterGroup) { rg.GET("/a", h) }')
    assert [(r.path, r.prefix_known) for r in found(text)] == [("/a", False)]


def test_chi_routes_groups_and_mounts() -> None:
    assert told(
        one_file(
            '"github.com/go-chi/chi/v5"',
            """
type users struct{}
func (u users) Routes() chi.Router {
    r := chi.NewRouter()
    r.Get("/", u.list)
    r.Route("/{userID:[0-9]+}", func(r chi.Router) {
        r.With(mw).Put("/", u.update)
    })
    return r
}
func New() *chi.Mux {
    r := chi.NewRouter()
    r.Use(middleware.Logger)
    r.Group(func(r chi.Router) { r.Mount("/users", users{}.Routes()) })
    r.Method("POST", "/login", h)
    return r
}""",
        )
    ) == {"GET /users", "PUT /users/{userID}", "POST /login"}


def test_gorilla_methods_on_either_side_and_subrouters() -> None:
    assert told(
        one_file(
            '"github.com/gorilla/mux"\n"net/http"',
            """
func main() {
    r := mux.NewRouter()
    r.HandleFunc("/a", h).Methods("GET", http.MethodHead)
    r.Methods("POST").Path("/b").Handler(h)
    s := r.PathPrefix("/api").Subrouter()
    s.HandleFunc("/c/{id:[0-9]+}", h)
    r.PathPrefix("/files/").Handler(http.FileServer(dir))
}""",
        )
    ) == {"GET /a", "HEAD /a", "POST /b", "* /api/c/{id}", "* /files"}


def test_echo_fiber_httprouter_and_ozzo() -> None:
    assert told(
        one_file(
            '"github.com/labstack/echo/v4"', 'func f() { e := echo.New(); g := e.Group("/v1"); g.GET("/x/:id", h, mw) }'
        )
    ) == {"GET /v1/x/{id}"}
    assert told(
        one_file(
            '"github.com/gofiber/fiber/v2"',
            """
func f() {
    app := fiber.New()
    app.Route("/v1", func(api fiber.Router) { api.Get("/x", h) })
    app.Mount("/sub", sub())
}
func sub() *fiber.App { a := fiber.New(); a.Post("/y", func(c *fiber.Ctx) error { return c.JSON(c.Get("z")) }); return a }
""",
        )
    ) == {"GET /v1/x", "POST /sub/y"}
    assert told(
        one_file(
            '"github.com/julienschmidt/httprouter"',
            'func f() { r := httprouter.New(); r.GET("/x/:id", h); r.Handle("PUT", "/y/*all", h) }',
        )
    ) == {"GET /x/{id}", "PUT /y/{all}"}
    assert told(
        one_file(
            'routing "github.com/go-ozzo/ozzo-routing/v2"',
            'func f(rg *routing.RouteGroup) { rg.Get("/x/<id>", h); rg.To("GET,HEAD", "/y", h) }',
        )
    ) == {"GET /x/{id}", "GET /y", "HEAD /y"}


def test_restful_huma_gozero_and_gateway() -> None:
    assert told(
        one_file(
            '"github.com/emicklei/go-restful/v3"',
            """
func f() { ws := new(restful.WebService); ws.Path("/users").Consumes("x"); ws.Route(ws.GET("/{id}").To(find)) }
func find(req *restful.Request, resp *restful.Response) { resp.WriteEntity(1) }""",
        )
    ) == {"GET /users/{id}"}
    assert told(
        one_file(
            '"github.com/danielgtaylor/huma/v2"\n"net/http"',
            """
func f(api huma.API) {
    huma.Get(api, "/a/{id}", h)
    huma.Register(api, huma.Operation{Method: http.MethodPost, Path: "/b"}, h)
}""",
        )
    ) == {"GET /a/{id}", "POST /b"}
    assert told(
        one_file(
            '"github.com/zeromicro/go-zero/rest"\n"net/http"',
            'func f(s *rest.Server) { s.AddRoutes([]rest.Route{{Method: http.MethodGet, Path: "/a", Handler: h}}) }',
        )
    ) == {"GET /a"}


def test_own_functions_that_register() -> None:
    routes = found(
        one_file(
            '"net/http"',
            """
const prefix = "/acme/"
func main() {
    mux := http.NewServeMux()
    handle := func(pattern string, h http.HandlerFunc) {
        mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r) }))
    }
    handle(prefix+"new", create)
    get(mux, "/build", http.HandlerFunc(build))
}
func get(mux *http.ServeMux, path string, h http.Handler) { mux.Handle(fmt.Sprintf("%s %s", http.MethodGet, path), h) }
func create(w http.ResponseWriter, r *http.Request) {}
func build(w http.ResponseWriter, r *http.Request) {}""",
        )
    )
    assert {(r.method, r.path, r.handler, r.where.line) for r in routes} == {
        ("*", "/acme/new", "create", 12),
        ("GET", "/build", "build", 13),
    }


def test_tables_of_routes() -> None:
    routes = found(
        one_file(
            '"github.com/gorilla/mux"',
            """
type Route struct { Name, Method, Pattern string; Handler http.HandlerFunc }
var routes = []Route{
    {"Index", "GET", "/", index},
    {Name: "Add", Method: "POST", Pattern: "/pets", Handler: add},
}
func New() *mux.Router {
    r := mux.NewRouter()
    for _, route := range routes {
        r.Methods(route.Method).Path(route.Pattern).Name(route.Name).Handler(route.Handler)
    }
    return r
}
func index(w http.ResponseWriter, r *http.Request) {}
func add(w http.ResponseWriter, r *http.Request) {}""",
        )
    )
    assert {(r.method, r.path, r.handler) for r in routes} == {("GET", "/", "index"), ("POST", "/pets", "add")}


def test_routers_in_fields_of_another_file_and_embedded() -> None:
    assert told(
        """\
        -- server/server.go --
        package server
        import "github.com/labstack/echo/v4"
        type Server struct { api *echo.Group }
        func New() *Server { e := echo.New(); s := &Server{}; s.api = e.Group("/api"); s.routes(); return s }
        -- server/routes.go --
        package server
        func (s *Server) routes() { s.api.GET("/ping", s.ping) }
        """
    ) == {"GET /api/ping"}
    assert told(
        one_file('"net/http"', 'type Mux struct { *http.ServeMux }\nfunc (m *Mux) f() { m.HandleFunc("/x", h) }')
    ) == {"* /x"}


def test_libraries_that_register_by_themselves() -> None:
    assert told(
        one_file(
            '"github.com/go-chi/chi/v5/middleware"', 'func f(r chi.Router) { r.Use(middleware.Heartbeat("/ping")) }'
        )
    ) == {"GET /ping"}


def test_lookalikes_register_nothing() -> None:
    assert not told(
        one_file(
            '"net/http"\n"github.com/gin-gonic/gin"\n"github.com/gofiber/fiber/v2"',
            """
func f(c *gin.Context, x *fiber.Ctx) {
    http.Get("https://example.com/a")
    c.Get("/user")
    x.Get("/header")
    fiber.Get("/client")
}""",
        )
    )


def test_conditions_around_a_registration_are_kept() -> None:
    text = one_file('"net/http"', 'func f() { if cfg.Debug { http.HandleFunc("/debug", h) } }')
    assert found(text)[0].conditions == ("cfg.Debug",)


def test_grpc_services_and_applications() -> None:
    _, grpc, apps = finder.find(
        modules(
            one_file(
                """
    "google.golang.org/grpc"
    "google.golang.org/grpc/health"
    healthpb "google.golang.org/grpc/health/grpc_health_v1"
    "net/http"
    "github.com/hibiken/asynq"
    amqp "github.com/rabbitmq/amqp091-go"
    pb "example.com/shop/genproto" """,
                """
func main() {
    s := grpc.NewServer()
    pb.RegisterCartServiceServer(s, &cart{})
    healthpb.RegisterHealthServer(s, health.NewServer())
    srv := &http.Server{Addr: ":8080"}
    asynq.NewServer(opt, cfg)
}
func consume(ch *amqp.Channel) { ch.Consume("q", "", false, false, false, false, nil) }""",
            )
        )
    )
    assert [g.name for g in grpc] == ["CartService", "grpc.health.v1.Health"]
    assert [(a.kind, a.framework) for a in apps] == [
        ("grpc", "grpc-go"),
        ("http", "net/http"),
        ("worker", "asynq"),
        ("worker", "amqp"),
    ]
    assert apps[1].options == (("Addr", ":8080"),)


def test_a_main_program_reaches_the_packages_that_it_imports() -> None:
    own = modules(
        """\
        -- services/a/cmd/main.go --
        package main
        import "example.com/org/a/internal/store"
        func main() { store.Open() }
        -- services/a/internal/store/store.go --
        package store
        import "example.com/org/a/internal/log"
        import "log"
        func Open() {}
        -- services/a/internal/log/log.go --
        package log
        -- services/b/main.go --
        package main
        import "log"
        func main() {}
        -- log/log.go --
        package log
        """
    )
    symbols = GoSymbols(own)
    assert symbols.reachable(symbols.by_path["services/a/cmd/main.go"]) == {
        "services/a/cmd/main.go",
        "services/a/internal/store/store.go",
        "services/a/internal/log/log.go",
    }
    assert symbols.reachable(symbols.by_path["services/b/main.go"]) == {"services/b/main.go"}


def test_recursion_through_values_ends() -> None:
    text = """\
        -- a.go --
        package a
        import "net/http"
        var p = q
        var q = p
        func f(m *http.ServeMux, path string) { g(m, path); m.HandleFunc(p, h); m.HandleFunc(path, h) }
        func g(m *http.ServeMux, path string) { f(m, path) }
        func r() *http.ServeMux { m := r(); m.HandleFunc("/x", h); return m }
        type T struct { *T }
        func (t *T) go_() { t.x.HandleFunc("/y", h) }
        """
    assert "* /x" in told(text)


def test_a_variable_that_is_declared_again_in_a_block() -> None:
    assert told(
        one_file(
            '"github.com/gin-gonic/gin"',
            """
func f() {
    e := gin.New()
    repo := e.Group("/repos")
    {
        repo.POST("", h)
        repo := repo.Group("/:id")
        {
            repo.GET("/log", h)
        }
    }
}""",
        )
    ) == {"POST /repos", "GET /repos/{id}/log"}


def test_own_router_behind_an_own_interface() -> None:
    routes = found(
        one_file(
            '"net/http"',
            """
type Router interface { GET(path string, h http.HandlerFunc) }
type router struct { mux *http.ServeMux }
func (r *router) GET(path string, h http.HandlerFunc) { r.mux.HandleFunc("GET "+path, h) }
func routes(r Router, s *service) { alive := s.alive(); r.GET("/alive", alive.ServeHTTP) }
type service struct{}
func (s *service) alive() http.Handler { return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}) }""",
        )
    )
    assert [(r.method, r.path, r.where.line, r.handler) for r in routes] == [("GET", "/alive", 9, "s.alive")]


_PIECES = st.sampled_from(
    [
        "func f(r *mux.Router, p string) {",
        "func (s *T) g() *mux.Router { return s.r }",
        "type T struct { *T; r *mux.Router; h func() }",
        "type I interface { g() }",
        "r := mux.NewRouter()",
        "r = r.PathPrefix(p).Subrouter()",
        "r.HandleFunc(p, h)",
        "p := p + q",
        "f(r, p)",
        "var q = p",
        "var p = g(q)",
        "s.r.Handle(s.p, s)",
        "for _, x := range []T{{r, r}} { x.r.HandleFunc(x.p, x.h) }",
        "return f(r)",
        "}",
        "\n",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.lists(_PIECES, max_size=10))
def test_any_tangle_of_routers_ends(first: list[str], second: list[str]) -> None:
    head = 'package a\nimport "github.com/gorilla/mux"\n'
    finder.find([golang.read(f"{n}.go", (head + "\n".join(body)).encode()) for n, body in enumerate((first, second))])


def test_an_own_folder_named_like_a_library_is_not_the_library() -> None:
    own = modules(
        """\
        -- cmd/main.go --
        package main
        import ("example.com/app/grpc"; "example.com/app/store")
        func main() { grpc.Serve() }
        -- store/store.go --
        package store
        import "google.golang.org/grpc"
        -- grpc/server.go --
        package grpc
        import "google.golang.org/grpc"
        func Serve() { grpc.NewServer() }
        """
    )
    assert [(a.kind, a.symbol) for a in finder.find(own)[2]] == [("grpc", "google.golang.org/grpc.NewServer")]


def test_grpc_services_by_description() -> None:
    text = one_file('pb "example.com/x/genproto"', "func f() { s.RegisterService(&pb.Cart_ServiceDesc, &cart{}) }")
    assert [g.name for g in finder.find(modules(text))[1]] == ["Cart"]


def test_a_path_that_an_own_function_completes() -> None:
    text = one_file(
        '"net/http"\n"github.com/gorilla/mux"',
        """
func main() { s := &server{}; s.register(mux.NewRouter()) }
func (s *server) prefixed(route string) string {
    if s.prefix == "" { return route }
    return s.prefix + route
}
func (s *server) register(r *mux.Router) {
    r.HandleFunc(s.prefixed("/readyz"), s.ready).Methods("GET")
}""",
    )
    assert told(text) == {"GET /readyz"}


def test_generated_servers_register_their_routes() -> None:
    text = """\
        -- go.mod --
        module example.com/shop
        -- api/shop_http.pb.go --
        package api
        import http "github.com/go-kratos/kratos/v2/transport/http"
        func RegisterShopHTTPServer(s *http.Server, srv ShopHTTPServer) {
            r := s.Route("/")
            r.POST("/v1/login", _Shop_Login0_HTTP_Handler(srv))
            r.GET("/v1/beers/{id}", _Shop_GetBeer0_HTTP_Handler(srv))
        }
        -- restapi/operations/shop_api.go --
        package operations
        func (o *ShopAPI) initHandlerCache() {
            if o.handlers["GET"] == nil {
                o.handlers["GET"] = make(map[string]http.Handler)
            }
            o.handlers["GET"]["/orders/{id}"] = order.NewGetOrder(o.context, o.OrderGetOrderHandler)
        }
    """
    assert told(text) == {"POST /v1/login", "GET /v1/beers/{id}", "GET /orders/{id}"}
