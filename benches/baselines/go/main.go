// Command go-baseline does the one job that smsmux is measured by, with grpc-go and net/http: it takes SendMessage,
// passes the send on to a vendor, and maps the answer back.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
)

// As many sends may be in flight, each on a connection of its own. By default net/http keeps 2 for a host and closes
// the others after every request.
const maxInFlight = 20_000

type sendRequest struct {
	MessageType string   `json:"message_type"`
	Message     string   `json:"message"`
	Recipient   []string `json:"recipient"`
	Sender      string   `json:"sender"`
	OrderID     string   `json:"order_id"`
}

type sendAnswer struct {
	Result    string `json:"result"`
	OrderID   string `json:"order_id"`
	TotalSent int32  `json:"total_sent"`
}

type server struct {
	smsmuxv1.UnimplementedMessageServiceServer

	client *http.Client
	url    string
}

func (s *server) SendMessage(
	ctx context.Context, request *smsmuxv1.SendMessageRequest,
) (*smsmuxv1.SendMessageResponse, error) {
	id := request.GetMessageId()
	if id == "" {
		id = newID()
	}
	answer, err := s.post(ctx, &sendRequest{
		MessageType: "N",
		Message:     request.GetText(),
		Recipient:   request.GetRecipients(),
		Sender:      request.GetSender(),
		OrderID:     id,
	})
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	recipients := make([]*smsmuxv1.Recipient, len(request.GetRecipients()))
	for i, to := range request.GetRecipients() {
		recipients[i] = &smsmuxv1.Recipient{To: to, State: smsmuxv1.DeliveryState_DELIVERY_STATE_QUEUED}
	}
	return &smsmuxv1.SendMessageResponse{Message: &smsmuxv1.Message{
		Name:       request.GetParent() + "/messages/" + answer.OrderID,
		Recipients: recipients,
		Sender:     request.GetSender(),
		SentCount:  proto.Int32(answer.TotalSent),
	}}, nil
}

func (s *server) post(ctx context.Context, send *sendRequest) (*sendAnswer, error) {
	body, err := json.Marshal(send)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("user_key", "UK")
	request.Header.Set("session_key", "SK")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	// To its end, whatever the status: else the connection could not be used again.
	body, err = io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 400 {
		return nil, fmt.Errorf("the vendor answered %s", response.Status)
	}
	answer := &sendAnswer{}
	return answer, json.Unmarshal(body, answer)
}

func newID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "", "`address` to listen at")
	vendor := flag.String("vendor", "", "`URL` of the vendor")
	flag.Parse()

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true, // with a dialer of one's own it would not be asked for
		MaxIdleConns:        maxInFlight,
		MaxIdleConnsPerHost: maxInFlight,
		IdleConnTimeout:     90 * time.Second,
	}
	// The number of streams on a connection is not limited by default.
	grpcServer := grpc.NewServer()
	smsmuxv1.RegisterMessageServiceServer(grpcServer, &server{
		client: &http.Client{Transport: transport},
		url:    *vendor + "/sms",
	})

	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(stop, grpcServer.Stop)
	if err := grpcServer.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
