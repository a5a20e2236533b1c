// Command health-probe asks a gRPC server for its health with grpc-go, the client that Kubernetes uses for its probes.
//
// It takes the flags of grpc-ecosystem's grpc_health_probe and exits like it: 0 serving, 1 bad arguments, 2 no
// connection, 3 the call failed, 4 not serving.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// version is set by install.sh.
var version = "unknown"

func fail(code int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(code)
}

func connect(conn *grpc.ClientConn, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn.Connect()
	for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
		if state == connectivity.TransientFailure {
			return fmt.Errorf("connection refused or broken")
		}
		if !conn.WaitForStateChange(ctx, state) {
			return ctx.Err()
		}
	}
	return nil
}

func check(conn *grpc.ClientConn, service string, timeout time.Duration) (*health.HealthCheckResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{Service: service})
}

func main() {
	addr := flag.String("addr", "", "server as `host:port`")
	service := flag.String("service", "", "service `name` to ask for; empty for the whole server")
	connectTimeout := flag.Duration("connect-timeout", time.Second, "how long to wait for the connection")
	rpcTimeout := flag.Duration("rpc-timeout", time.Second, "how long to wait for the answer")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.CommandLine.Init(os.Args[0], flag.ContinueOnError)
	if err := flag.CommandLine.Parse(os.Args[1:]); err != nil {
		os.Exit(1)
	}
	if *showVersion {
		fmt.Println("health-probe", version)
		return
	}
	if *addr == "" || flag.NArg() > 0 {
		fail(1, "health-probe: -addr is required, and there are no other arguments")
	}

	conn, err := grpc.NewClient("passthrough:///"+*addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail(1, "health-probe: %v", err)
	}
	if err := connect(conn, *connectTimeout); err != nil {
		fail(2, "failed to connect to %q: %v", *addr, err)
	}
	answer, err := check(conn, *service, *rpcTimeout)
	if err != nil {
		fail(3, "health call for %q failed: %s: %s", *service, status.Code(err), status.Convert(err).Message())
	}
	if answer.GetStatus() != health.HealthCheckResponse_SERVING {
		fail(4, "service %q is unhealthy: %s", *service, answer.GetStatus())
	}
	fmt.Println("status:", answer.GetStatus())
}
