// Command retry has grpc-go repeat a send whose reply is lost: safe, as the call has an idempotency key. It speaks to the
// server through a proxy that cuts the first connection when the reply arrives.
//
//	go run ./example/retry                                      at `smsmux serve --sandbox`
//	SMSMUX_ADDRESS=... SMSMUX_KEY=... go run ./example/retry    elsewhere
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
)

// policy repeats a call by its code. It is safe for reads, and for writes with an idempotency key.
const policy = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.2s",
  "maxBackoff": "2s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"]}}]}`

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	proxy, err := cutting(cmp.Or(os.Getenv("SMSMUX_ADDRESS"), "127.0.0.1:50051"))
	if err != nil {
		return err
	}
	conn, err := grpc.NewClient("passthrough:///"+proxy, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(policy))
	if err != nil {
		return err
	}
	defer conn.Close()
	messages := smsmuxv1.NewMessageServiceClient(conn)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if key := os.Getenv("SMSMUX_KEY"); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}

	// One key for one thing to be done, however often it is tried.
	keyed := metadata.AppendToOutgoingContext(ctx, "idempotency-key", rand.Text())
	var header metadata.MD
	sent, err := messages.SendMessage(keyed, &smsmuxv1.SendMessageRequest{
		Parent: "accounts/smsend", Recipients: []string{"+393471234567"}, Text: "Ciao!",
	}, grpc.Header(&header))
	if err != nil {
		return err
	}
	name := sent.GetMessage().GetName()
	if len(header.Get("smsmux-replayed")) == 0 {
		return errors.New("the reply is not that of the first attempt")
	}
	times, err := timesSent(ctx, messages, name)
	if err != nil {
		return err
	}
	fmt.Printf("the first reply was lost; %s was sent %d times\n", name, times)
	if times != 1 {
		return errors.New("it must be sent once")
	}
	return nil
}

// timesSent counts the messages of a name at the vendor itself.
func timesSent(ctx context.Context, messages smsmuxv1.MessageServiceClient, name string) (int, error) {
	request, times := &smsmuxv1.ListVendorMessagesRequest{Parent: "accounts/smsend"}, 0
	for {
		page, err := messages.ListVendorMessages(ctx, request)
		if err != nil {
			return 0, err
		}
		for _, message := range page.GetMessages() {
			if message.GetName() == name {
				times++
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return times, nil
		}
	}
}

// cutting returns the address of a proxy that cuts its first connection when the first reply arrives.
func cutting(server string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for first := true; ; first = false {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(client, server, first)
		}
	}()
	return listener.Addr().String(), nil
}

func pass(client net.Conn, address string, cut bool) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(server, client)
	if !cut {
		io.Copy(client, server)
		return
	}
	const headers = 1 // the type of the frame that a reply begins with
	for frame := make([]byte, 9); ; {
		if _, err := io.ReadFull(server, frame); err != nil || frame[3] == headers {
			return
		}
		length := int64(frame[0])<<16 | int64(frame[1])<<8 | int64(frame[2])
		if _, err := client.Write(frame); err != nil {
			return
		}
		if _, err := io.CopyN(client, server, length); err != nil {
			return
		}
	}
}
