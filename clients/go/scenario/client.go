package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	smsmux "github.com/smsmux/smsmux/clients/go"
)

const parent = "accounts/harness"

// withClient is the steps with the client.
type withClient struct {
	client *smsmux.Client
}

func newWithClient(ctx context.Context) (*withClient, error) {
	address, _, err := harness(ctx, "server")
	if err != nil {
		return nil, err
	}
	client, err := smsmux.New(smsmux.Config{Address: "https://" + address, CA: os.Getenv("SMSMUX_HARNESS_CA")})
	return &withClient{client}, err
}

// harness returns the answer of the harness, with its headers.
func harness(ctx context.Context, command string) (string, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, os.Getenv("SMSMUX_HARNESS")+"/"+command, nil)
	if err != nil {
		return "", nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), answer.Header, err
}

func unique(kind string) string {
	return fmt.Sprintf("%s go-%d", kind, time.Now().UnixNano())
}

func send(ctx context.Context, client *smsmux.Client, text string) error {
	_, err := client.Messages.SendMessage(ctx, &smsmux.SendMessageRequest{
		Parent: parent, Recipients: []string{"+4915123456789"}, Sender: "smsmux", Text: text,
	})
	return err
}

// sentTimes fails unless the vendor was asked that often to send a text.
func sentTimes(ctx context.Context, text, times string) error {
	if found, _, err := harness(ctx, "sent/"+url.PathEscape(text)); err != nil || found != times {
		return fmt.Errorf("sent %s times, not %s: %w", found, times, err)
	}
	return nil
}

func (w *withClient) rateLimited(ctx context.Context) error {
	text := unique("busy")
	if err := send(ctx, w.client, text); err != nil {
		return err
	}
	return sentTimes(ctx, text, "2")
}

func (w *withClient) cut(ctx context.Context) error {
	proxy, _, err := harness(ctx, "cut/"+os.Getenv("SMSMUX_ADDRESS"))
	if err != nil {
		return err
	}
	client, err := smsmux.New(smsmux.Config{Address: proxy})
	if err != nil {
		return err
	}
	defer client.Close()
	text := unique("cut")
	if err := send(ctx, client, text); err != nil {
		return err
	}
	return sentTimes(ctx, text, "1")
}

func (w *withClient) unknown(ctx context.Context) error {
	text := unique("unknown")
	var failure *smsmux.Error
	if err := send(ctx, w.client, text); !errors.As(err, &failure) {
		return fmt.Errorf("no error of the client: %w", err)
	}
	if failure.Reason != "OUTCOME_UNKNOWN" || failure.Outcome != "UNKNOWN" || failure.RequestID == "" ||
		!strings.HasPrefix(failure.Resource, parent+"/messages/") {
		return fmt.Errorf("another error: %+v", failure)
	}
	return sentTimes(ctx, text, "1")
}

func (w *withClient) violations(ctx context.Context) error {
	_, err := w.client.Messages.SendMessage(ctx, &smsmux.SendMessageRequest{
		Parent: parent, Recipients: []string{"12"}, Sender: "smsmux", Text: "Ciao!",
	})
	var failure *smsmux.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("no error of the client: %w", err)
	}
	if failure.Reason != "INVALID_REQUEST" || failure.Outcome != "NOT_SENT" || len(failure.Violations) != 1 ||
		failure.Violations[0].GetField() != "recipients[0]" {
		return fmt.Errorf("another error: %+v", failure)
	}
	return nil
}

func (w *withClient) plainText(context.Context) error {
	if _, err := smsmux.New(smsmux.Config{Address: "http://192.0.2.1:50051"}); err == nil {
		return errors.New("the key would be sent in plain text")
	}
	return nil
}

func (w *withClient) pager(ctx context.Context) error {
	if err := send(ctx, w.client, unique("pager")); err != nil {
		return err
	}
	pages, names := 0, map[string]bool{}
	request := &smsmux.ListMessagesRequest{Parent: parent, PageSize: 1}
	for page, err := range smsmux.Pages(ctx, w.client.Messages.ListMessages, request) {
		if err != nil {
			return err
		}
		pages++
		for _, message := range page.GetMessages() {
			if names[message.GetName()] {
				return fmt.Errorf("%s comes twice", message.GetName())
			}
			names[message.GetName()] = true
		}
	}
	if pages < 2 {
		return fmt.Errorf("%d pages", pages)
	}
	return nil
}

func (w *withClient) restart(ctx context.Context) error {
	request := &smsmux.WatchEventsRequest{Parent: parent}
	next, stop := iter.Pull2(smsmux.Watch(ctx, w.client.Events.WatchEvents, request))
	defer stop()
	answer, err, _ := next()
	if err != nil {
		return err
	}
	for _, restart := range []bool{true, false} {
		if err := send(ctx, w.client, unique("watch")); err != nil {
			return err
		}
		for has := false; !has; has = answer.GetEvent() != nil {
			place := max(answer.GetEvent().GetSequence(), answer.GetProgress().GetSequence())
			if answer, err, _ = next(); err != nil {
				return err
			}
			if answer.GetPreviousSequence() != place {
				return unexpected(answer)
			}
		}
		if restart {
			if _, _, err := harness(ctx, "restart"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *withClient) webhook(ctx context.Context) error {
	id := fmt.Sprintf("go-%d", time.Now().UnixNano())
	created, err := w.client.Events.CreateEventSubscription(ctx, &smsmux.CreateEventSubscriptionRequest{
		Parent: parent, EventSubscriptionId: id,
	})
	if err != nil {
		return err
	}
	name := created.GetEventSubscription().GetName()
	set, err := w.client.Events.SetEventWebhook(ctx, &smsmux.SetEventWebhookRequest{
		Name: name, Url: os.Getenv("SMSMUX_HARNESS") + "/hooks/" + id,
	})
	if err != nil {
		return err
	}
	if err := send(ctx, w.client, unique("webhook")); err != nil {
		return err
	}
	body, headers, err := harness(ctx, "hooks/"+id)
	if err != nil {
		return err
	}
	verifier, err := standardwebhooks.NewWebhook(set.GetSigningSecret())
	if err != nil {
		return err
	}
	if err := verifier.Verify([]byte(body), headers); err != nil {
		return err
	}
	if verifier.Verify([]byte(body+" "), headers) == nil {
		return errors.New("another body has the same signature")
	}
	var event struct{ Type string }
	if err := json.Unmarshal([]byte(body), &event); err != nil || !strings.HasPrefix(event.Type, "smsmux.message.") {
		return fmt.Errorf("another event: %s: %w", body, err)
	}
	_, err = w.client.Events.DeleteEventSubscription(ctx, &smsmux.DeleteEventSubscriptionRequest{Name: name})
	return err
}
