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
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
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
	Accounts    smsmuxv1.AccountServiceClient
	Aliases     smsmuxv1.AliasServiceClient
	Auth        smsmuxv1.AuthServiceClient
	Campaigns   smsmuxv1.CampaignServiceClient
	Consents    smsmuxv1.ConsentServiceClient
	Contacts    smsmuxv1.ContactServiceClient
	Events      smsmuxv1.EventServiceClient
	Groups      smsmuxv1.GroupServiceClient
	Inbox       smsmuxv1.InboxServiceClient
	Messages    smsmuxv1.MessageServiceClient
	Numbers     smsmuxv1.NumberServiceClient
	Server      smsmuxv1.ServerServiceClient
	StopList    smsmuxv1.StopListServiceClient
	Subaccounts smsmuxv1.SubaccountServiceClient

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
	return &Client{
		Accounts:    smsmuxv1.NewAccountServiceClient(conn),
		Aliases:     smsmuxv1.NewAliasServiceClient(conn),
		Auth:        smsmuxv1.NewAuthServiceClient(conn),
		Campaigns:   smsmuxv1.NewCampaignServiceClient(conn),
		Consents:    smsmuxv1.NewConsentServiceClient(conn),
		Contacts:    smsmuxv1.NewContactServiceClient(conn),
		Events:      smsmuxv1.NewEventServiceClient(conn),
		Groups:      smsmuxv1.NewGroupServiceClient(conn),
		Inbox:       smsmuxv1.NewInboxServiceClient(conn),
		Messages:    smsmuxv1.NewMessageServiceClient(conn),
		Numbers:     smsmuxv1.NewNumberServiceClient(conn),
		Server:      smsmuxv1.NewServerServiceClient(conn),
		StopList:    smsmuxv1.NewStopListServiceClient(conn),
		Subaccounts: smsmuxv1.NewSubaccountServiceClient(conn),
		conn:        conn,
	}, nil
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

// transport returns where to connect, and how.
func transport(address, key, ca string) (string, credentials.TransportCredentials, error) {
	scheme, target, found := strings.Cut(address, "://")
	if !found {
		scheme, target = "", address
	}
	if !slices.Contains([]string{"", "http", "https"}, scheme) {
		return "", nil, fmt.Errorf("invalid address %s: expected HOST:PORT, after http:// or https:// if at all", address)
	}
	local := isLoopback(target)
	if scheme == "http" || (scheme == "" && local && ca == "") {
		if key != "" && !local {
			return "", nil, fmt.Errorf("the key is not sent to %s in plain text: use TLS", target)
		}
		return target, insecure.NewCredentials(), nil
	}
	var roots *x509.CertPool // nil for those of the system
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return "", nil, err
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(pem) {
			return "", nil, errors.New(ca + " has no certificates")
		}
	}
	return target, credentials.NewTLS(&tls.Config{RootCAs: roots}), nil
}

// isLoopback tells whether an address is of this machine.
func isLoopback(target string) bool {
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		host = target
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
