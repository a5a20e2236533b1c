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
	"os"
	"regexp"
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
//
// Close ends the connection and all calls.
type Client struct {
	Services
	// ClientConn is the connection, for stubs that are made otherwise.
	*grpc.ClientConn
}

// form is that of an address: the scheme, the target, and the host if it is this machine.
var form = regexp.MustCompile(`^(?:(https?)://)?((?:(localhost|\[::1\]|127(?:\.\d+){3})|\[[^\]]*\]|[^:/]*)(?::\d+)?)$`)

// New returns a client. It connects when the first call is made.
func New(config Config) (*Client, error) {
	config.Address = cmp.Or(config.Address, os.Getenv("SMSMUX_ADDRESS"), "127.0.0.1:50051")
	config.Key = cmp.Or(config.Key, os.Getenv("SMSMUX_KEY"))
	config.CA = cmp.Or(config.CA, os.Getenv("SMSMUX_CA"))
	config.Timeout = cmp.Or(config.Timeout, 30*time.Second)
	parts := form.FindStringSubmatch(config.Address)
	if parts == nil {
		return nil, fmt.Errorf("invalid address %s: expected HOST:PORT, after http:// or https:// if at all", config.Address)
	}
	scheme, target, local := parts[1], parts[2], parts[3] != ""
	plain := scheme == "http" || (scheme == "" && local && config.CA == "")
	if plain && config.Key != "" && !local {
		return nil, fmt.Errorf("the key is not sent to %s in plain text: use TLS", target)
	}
	transport := credentials.NewTLS(nil)
	if plain {
		transport = insecure.NewCredentials()
	} else if config.CA != "" {
		var err error
		if transport, err = credentials.NewClientTLSFromFile(config.CA, ""); err != nil {
			return nil, err
		}
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(config.unary),
		grpc.WithStreamInterceptor(config.stream),
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
