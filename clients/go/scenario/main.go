// Command scenario is the scenario of clients/scenario/README.md, in Go.
//
// It prints `ok STEP` for each step that holds, and ends at the first one that does not.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
)

const (
	timeout = 20 * time.Second // for each step
	smsend  = "accounts/smsend"
	to      = "+393471234567"
)

type scenario struct {
	accounts smsmuxv1.AccountServiceClient
	contacts smsmuxv1.ContactServiceClient
	groups   smsmuxv1.GroupServiceClient
	inbox    smsmuxv1.InboxServiceClient
	messages smsmuxv1.MessageServiceClient

	sent string // the name of the first message
}

func main() {
	log.SetFlags(0)
	fmt.Printf("version Go %s, grpc-go %s\n", strings.TrimPrefix(runtime.Version(), "go"), grpc.Version)
	conn, err := grpc.NewClient(os.Getenv("SMSMUX_ADDRESS"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	s := &scenario{
		accounts: smsmuxv1.NewAccountServiceClient(conn),
		contacts: smsmuxv1.NewContactServiceClient(conn),
		groups:   smsmuxv1.NewGroupServiceClient(conn),
		inbox:    smsmuxv1.NewInboxServiceClient(conn),
		messages: smsmuxv1.NewMessageServiceClient(conn),
	}
	client, err := newWithClient(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer client.client.Close()
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"accounts", s.listAccounts},
		{"send", s.send},
		{"status", s.waitForDelivery},
		{"pages", s.listPages},
		{"group", s.createAndDeleteGroup},
		{"watch", s.watch},
		{"bad-number", s.refuseBadNumber},
		{"deadline", s.runOutOfTime},
		{"no-key", s.refuseNoKey},
		{"unicode", s.keepUnicode},
		{"int64", s.tellCredits},
		{"optional", s.tellAbsentFromPresent},
		{"golden", readGoldenVectors},
		{"rate-limited", client.rateLimited},
		{"cut", client.cut},
		{"unknown", client.unknown},
		{"violations", client.violations},
		{"plain-text", client.plainText},
		{"pager", client.pager},
		{"restart", client.restart},
		{"webhook", client.webhook},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		err := step.run(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+os.Getenv("SMSMUX_KEY")))
		cancel()
		if err != nil {
			log.Fatalf("%s: %v", step.name, err)
		}
		fmt.Println("ok", step.name)
	}
}

func (s *scenario) listAccounts(ctx context.Context) error {
	answer, err := s.accounts.ListAccounts(ctx, &smsmuxv1.ListAccountsRequest{})
	if err != nil {
		return err
	}
	for _, account := range answer.GetAccounts() {
		if account.GetName() == smsend && slices.Contains(account.GetMethods(), "smsmux.v1.MessageService/SendMessage") {
			return nil
		}
	}
	return unexpected(answer)
}

func (s *scenario) send(ctx context.Context) (err error) {
	s.sent, err = s.sendOne(ctx)
	return err
}

// sendOne sends a message with an id of its own, and returns its name.
func (s *scenario) sendOne(ctx context.Context) (string, error) {
	id := fmt.Sprintf("go-%d", time.Now().UnixNano())
	answer, err := s.messages.SendMessage(ctx, &smsmuxv1.SendMessageRequest{
		Parent:     smsend,
		Recipients: []string{to},
		Text:       "Ciao!",
		MessageId:  id,
	})
	if err != nil {
		return "", err
	}
	message := answer.GetMessage()
	if len(message.GetRecipients()) != 1 {
		return "", unexpected(answer)
	}
	recipient := message.GetRecipients()[0]
	if message.GetName() != smsend+"/messages/"+id || recipient.GetTo() != to ||
		recipient.GetState() != smsmuxv1.DeliveryState_DELIVERY_STATE_QUEUED {
		return "", unexpected(answer)
	}
	return message.GetName(), nil
}

func (s *scenario) waitForDelivery(ctx context.Context) error {
	var answer *smsmuxv1.GetMessageResponse
	for range 10 {
		var err error
		if answer, err = s.messages.GetMessage(ctx, &smsmuxv1.GetMessageRequest{Name: s.sent}); err != nil {
			return err
		}
		recipients := answer.GetMessage().GetRecipients()
		if len(recipients) != 1 {
			break
		}
		if recipients[0].GetState() == smsmuxv1.DeliveryState_DELIVERY_STATE_DELIVERED {
			if recipients[0].GetVendorCode() != "DLVRD" {
				break
			}
			return nil
		}
	}
	return unexpected(answer)
}

func (s *scenario) listPages(ctx context.Context) error {
	second, err := s.sendOne(ctx)
	if err != nil {
		return err
	}
	var names []string
	request := &smsmuxv1.ListVendorMessagesRequest{Parent: smsend, PageSize: 1}
	for {
		answer, err := s.messages.ListVendorMessages(ctx, request)
		if err != nil {
			return err
		}
		if len(answer.GetMessages()) > 1 {
			return unexpected(answer)
		}
		for _, message := range answer.GetMessages() {
			if slices.Contains(names, message.GetName()) {
				return fmt.Errorf("%s comes twice", message.GetName())
			}
			names = append(names, message.GetName())
		}
		if answer.GetNextPageToken() == "" {
			break
		}
		request.PageToken = answer.GetNextPageToken()
	}
	if !slices.Contains(names, s.sent) || !slices.Contains(names, second) {
		return fmt.Errorf("%s or %s is not among %v", s.sent, second, names)
	}
	return nil
}

func (s *scenario) createAndDeleteGroup(ctx context.Context) error {
	created, err := s.groups.CreateGroup(ctx, &smsmuxv1.CreateGroupRequest{
		Parent: smsend,
		Group:  &smsmuxv1.Group{DisplayName: "Go", Description: "d"},
	})
	if err != nil {
		return err
	}
	if created.GetGroup().GetDisplayName() != "Go" {
		return unexpected(created)
	}
	_, err = s.groups.DeleteGroup(ctx, &smsmuxv1.DeleteGroupRequest{Name: created.GetGroup().GetName()})
	return err
}

func (s *scenario) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := s.inbox.WatchReceivedMessages(ctx, &smsmuxv1.WatchReceivedMessagesRequest{
		Parent:    smsend,
		StartTime: timestamppb.New(time.Date(2016, time.May, 3, 0, 0, 0, 0, time.UTC)),
	})
	if err != nil {
		return err
	}
	for range 2 {
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		if answer.GetMessage().GetName() == "" || answer.GetMessage().GetTo() == "" || answer.GetResumeToken() == "" {
			return unexpected(answer)
		}
	}
	// What has come already may still be read; then the stream ends with this code.
	cancel()
	for err == nil {
		_, err = stream.Recv()
	}
	return failedWith(err, codes.Canceled)
}

func (s *scenario) refuseBadNumber(ctx context.Context) error {
	_, err := s.messages.SendMessage(ctx, &smsmuxv1.SendMessageRequest{
		Parent:     smsend,
		Recipients: []string{"12"},
		Text:       "Ciao!",
	})
	if err := failedWith(err, codes.InvalidArgument); err != nil {
		return err
	}
	info, found := detail[*errdetails.ErrorInfo](err)
	if !found || info.GetReason() != "INVALID_REQUEST" || info.GetDomain() != "smsmux" ||
		info.GetMetadata()["outcome"] != "NOT_SENT" {
		return fmt.Errorf("ErrorInfo is %v", info)
	}
	bad, found := detail[*errdetails.BadRequest](err)
	if !found || len(bad.GetFieldViolations()) != 1 || bad.GetFieldViolations()[0].GetField() != "recipients[0]" {
		return fmt.Errorf("BadRequest is %v", bad)
	}
	return nil
}

func (s *scenario) runOutOfTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := s.messages.GetMessage(ctx, &smsmuxv1.GetMessageRequest{Name: "accounts/slow/messages/x"})
	return failedWith(err, codes.DeadlineExceeded)
}

func (s *scenario) refuseNoKey(ctx context.Context) error {
	ctx = metadata.NewOutgoingContext(ctx, nil)
	_, err := s.accounts.ListAccounts(ctx, &smsmuxv1.ListAccountsRequest{})
	if err := failedWith(err, codes.Unauthenticated); err != nil {
		return err
	}
	if info, found := detail[*errdetails.ErrorInfo](err); !found || info.GetReason() != "CALLER_NOT_AUTHENTICATED" {
		return fmt.Errorf("ErrorInfo is %v", info)
	}
	return nil
}

func (s *scenario) keepUnicode(ctx context.Context) error {
	const parent, recipient, sender, text = "accounts/lox24", "+4915123456789", "smsmux", "Perché Ж 😀"
	sent, err := s.messages.SendMessage(ctx, &smsmuxv1.SendMessageRequest{
		Parent:     parent,
		Recipients: []string{recipient},
		Sender:     sender,
		Text:       text,
	})
	if err != nil {
		return err
	}
	if len(sent.GetMessage().GetRecipients()) != 1 {
		return unexpected(sent)
	}
	name := parent + "/messages/" + sent.GetMessage().GetRecipients()[0].GetVendorMessageId()
	kept, err := s.messages.GetMessage(ctx, &smsmuxv1.GetMessageRequest{Name: name})
	if err != nil {
		return err
	}
	if kept.GetMessage().GetText() != text {
		return unexpected(kept)
	}
	analysis, err := s.messages.AnalyzeMessage(ctx, &smsmuxv1.AnalyzeMessageRequest{
		Message: &smsmuxv1.SendMessageRequest{
			Parent:     parent,
			Recipients: []string{recipient},
			Sender:     sender,
			Text:       text,
		},
	})
	if err != nil {
		return err
	}
	if !slices.Equal(analysis.GetUcs_2Characters(), []string{"Ж", "😀"}) {
		return unexpected(analysis)
	}
	return nil
}

func (s *scenario) tellCredits(ctx context.Context) error {
	request := &smsmuxv1.SendMessageRequest{
		Parent:        smsend,
		Recipients:    []string{to},
		Text:          "Ciao!",
		VendorOptions: &smsmuxv1.SendMessageRequest_Smsend{Smsend: &smsmuxv1.SmSendOptions{ReturnRemaining: true}},
	}
	answer, err := s.messages.SendMessage(ctx, request)
	if err != nil {
		return err
	}
	// An optional field is a pointer, nil when it is absent.
	if answer.GetMessage() == nil || answer.Message.CreditsRemaining == nil ||
		answer.Message.GetCreditsRemaining() <= 0 {
		return unexpected(answer)
	}
	request.VendorOptions = nil
	if answer, err = s.messages.SendMessage(ctx, request); err != nil {
		return err
	}
	if answer.GetMessage() == nil || answer.Message.CreditsRemaining != nil {
		return unexpected(answer)
	}
	return nil
}

func (s *scenario) tellAbsentFromPresent(ctx context.Context) error {
	created, err := s.contacts.CreateContact(ctx, &smsmuxv1.CreateContactRequest{
		Parent:  smsend,
		Contact: &smsmuxv1.Contact{Email: proto.String("go@example.com"), GivenName: proto.String("Go")},
	})
	if err != nil {
		return err
	}
	answer, err := s.contacts.GetContact(ctx, &smsmuxv1.GetContactRequest{Name: created.GetContact().GetName()})
	if err != nil {
		return err
	}
	contact := answer.GetContact()
	if contact.GivenName == nil || contact.GetGivenName() != "Go" || contact.Fax != nil {
		return unexpected(answer)
	}
	return nil
}

func readGoldenVectors(context.Context) error {
	vectors, err := filepath.Glob(filepath.Join(os.Getenv("SMSMUX_TESTDATA"), "*.binpb"))
	if err != nil {
		return err
	}
	if len(vectors) == 0 {
		return errors.New("there are none")
	}
	for _, vector := range vectors {
		path := strings.TrimSuffix(vector, ".binpb")
		if err := readGoldenVector(path); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

func readGoldenVector(path string) error {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("smsmux.v1." + filepath.Base(path)))
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(path + ".binpb")
	if err != nil {
		return err
	}
	json, err := os.ReadFile(path + ".json")
	if err != nil {
		return err
	}
	decoded := kind.New().Interface()
	if err := proto.Unmarshal(binary, decoded); err != nil {
		return err
	}
	parsed := kind.New().Interface()
	if err := protojson.Unmarshal(json, parsed); err != nil {
		return err
	}
	for _, message := range []proto.Message{decoded, parsed} {
		encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			return err
		}
		// Go writes the fields of a oneof after all others, where the vectors go by number: the order may be another.
		if !slices.EqualFunc(fields(encoded), fields(binary), bytes.Equal) {
			return fmt.Errorf("encoded to other bytes: %v", message)
		}
	}
	return nil
}

// fields takes the bytes of a message apart into those of its fields, in a fixed order.
func fields(message []byte) [][]byte {
	var all [][]byte
	for len(message) > 0 {
		_, _, n := protowire.ConsumeField(message)
		if n < 0 {
			return append(all, message) // No message: equal only to the same bytes.
		}
		all, message = append(all, message[:n]), message[n:]
	}
	slices.SortFunc(all, bytes.Compare)
	return all
}

func unexpected(answer proto.Message) error {
	return fmt.Errorf("unexpected answer: %v", answer)
}

// failedWith returns nil when the call failed with that code, else what is wrong.
func failedWith(err error, code codes.Code) error {
	if found := status.Code(err); found != code {
		return fmt.Errorf("%v expected, not %v: %w", code, found, err)
	}
	return nil
}

// detail finds the detail of that type in a call's error.
func detail[T proto.Message](err error) (T, bool) {
	for _, detail := range status.Convert(err).Details() {
		if found, ok := detail.(T); ok {
			return found, true
		}
	}
	var none T
	return none, false
}
