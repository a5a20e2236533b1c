// Package smsmux is the client of smsmux, one gRPC API in front of many SMS vendors.
//
//	client := smsmux.Must(smsmux.New(smsmux.Config{}))
//	sent, err := client.Messages.SendMessage(ctx, &smsmux.SendMessageRequest{
//		Parent: "accounts/smsend", Recipients: []string{"+393471234567"}, Text: "Ciao!",
//	})
//	var failed *smsmux.Error
//	if errors.As(err, &failed) && failed.Outcome == "UNKNOWN" {
//		// It may have been sent: look failed.Resource up by GetMessage.
//	}
//
// The messages and enums of the API are here; its stubs are in [github.com/smsmux/smsmux/clients/go/smsmux/v1].
package smsmux

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// Config is where a client connects to, and how. What is empty is taken from the environment.
type Config struct {
	// Address is HOST:PORT: $SMSMUX_ADDRESS, or 127.0.0.1:50051. The connection is TLS unless the address is of this machine and
	// there is no CA; http:// or https:// before the address decides otherwise.
	Address string
	// Key is the API key: $SMSMUX_KEY. It is never sent to another machine in plain text.
	Key string
	// CA is a PEM file with the authorities to trust: $SMSMUX_CA, or those of the system.
	CA string
	// Timeout is for a call with all its repeats, where its context has no deadline: 30 seconds.
	Timeout time.Duration
}

// Client is a connection to smsmux, with all its services: make one and share it.
//
// A call ends after the Timeout of the Config with all its repeats, unless its context has a deadline, and carries an
// idempotency-key: that of its outgoing metadata, or a random one. It is repeated, at most five times, when the reason of the error
// says that nothing was accepted, after the time in RetryInfo where there is one, and when the connection was lost: with the key
// nothing is sent twice. OUTCOME_UNKNOWN is not repeated. Whatever a call fails with is an *[Error].
type Client struct {
	Services

	conn *grpc.ClientConn
}

// New returns a client. It connects when the first call is made.
func New(config Config) (*Client, error) {
	address := cmp.Or(config.Address, os.Getenv("SMSMUX_ADDRESS"), "127.0.0.1:50051")
	calls := &calls{key: cmp.Or(config.Key, os.Getenv("SMSMUX_KEY")), timeout: cmp.Or(config.Timeout, 30*time.Second)}
	target, transport, err := transport(address, calls.key, cmp.Or(config.CA, os.Getenv("SMSMUX_CA")))
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(calls.unary),
		grpc.WithStreamInterceptor(calls.stream),
		// So that a watch notices a connection that died without a word.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}))
	if err != nil {
		return nil, err
	}
	return &Client{newServices(conn), conn}, nil
}

// Must returns the value, and panics with the error if there is one: for programs that end with it.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Close ends the connection and all calls.
func (c *Client) Close() error {
	return c.conn.Close()
}

// form is that of an address: the scheme, the target, and the host in it.
var form = regexp.MustCompile(`^(?:(https?)://)?((\[[^\]]*\]|[^:/]*)(?::\d+)?)$`)

// transport returns where to connect, and how.
func transport(address, key, ca string) (string, credentials.TransportCredentials, error) {
	parts := form.FindStringSubmatch(address)
	if parts == nil {
		return "", nil, fmt.Errorf("invalid address %s: expected HOST:PORT, after http:// or https:// if at all", address)
	}
	scheme, target, host := parts[1], parts[2], parts[3]
	local := host == "localhost" || net.ParseIP(strings.Trim(host, "[]")).IsLoopback()
	plain := scheme == "http" || (scheme == "" && local && ca == "")
	if plain && key != "" && !local {
		return "", nil, fmt.Errorf("the key is not sent to %s in plain text: use TLS", target)
	}
	if plain {
		return target, insecure.NewCredentials(), nil
	}
	if ca == "" {
		return target, credentials.NewTLS(nil), nil
	}
	trusting, err := credentials.NewClientTLSFromFile(ca, "")
	return target, trusting, err
}
