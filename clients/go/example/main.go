// Command example sends a message and waits until it is delivered.
//
//	go run ./example                                      at `smsmux serve --sandbox`
//	SMSMUX_ADDRESS=... SMSMUX_KEY=... go run ./example    elsewhere
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatalf("%s: %v", reason(err), err)
	}
}

func run() error {
	// A connection is made once and shared by all goroutines. For TLS: credentials.NewTLS.
	conn, err := grpc.NewClient(cmp.Or(os.Getenv("SMSMUX_ADDRESS"), "127.0.0.1:50051"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	messages := smsmuxv1.NewMessageServiceClient(conn)

	// Without a deadline a call waits for ever. This one is for all of them together.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if key := os.Getenv("SMSMUX_KEY"); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}

	sent, err := messages.SendMessage(ctx, &smsmuxv1.SendMessageRequest{
		Parent:     "accounts/smsend",
		Recipients: []string{"+393471234567"},
		Text:       "Ciao!",
	})
	if err != nil {
		return err
	}
	name := sent.GetMessage().GetName()
	fmt.Println("sent", name)

	for range 10 {
		answer, err := messages.GetMessage(ctx, &smsmuxv1.GetMessageRequest{Name: name})
		if err != nil {
			return err
		}
		recipient := answer.GetMessage().GetRecipients()[0]
		fmt.Println(recipient.GetTo(), recipient.GetState(), recipient.GetVendorCode())
		if isFinal(recipient.GetState()) {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return errors.New("nothing final became of it in time")
}

// isFinal tells whether a state does not change any more.
func isFinal(state smsmuxv1.DeliveryState) bool {
	switch state {
	case smsmuxv1.DeliveryState_DELIVERY_STATE_DELIVERED,
		smsmuxv1.DeliveryState_DELIVERY_STATE_UNDELIVERABLE,
		smsmuxv1.DeliveryState_DELIVERY_STATE_EXPIRED,
		smsmuxv1.DeliveryState_DELIVERY_STATE_REJECTED,
		smsmuxv1.DeliveryState_DELIVERY_STATE_CANCELLED:
		return true
	}
	return false
}

// reason is smsmux's word for what went wrong, for programs: a value of ErrorReason without its prefix.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return "no reason given"
}
