package smsmux

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"iter"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// How often a call is made at most.
const attempts = 5

// Error is what every failed call of a [Client] returns: find it by [errors.As].
type Error struct {
	// Reason is a value of ErrorReason without its prefix: decide by it. Empty if smsmux did not answer.
	Reason string
	// Outcome is NOT_SENT, REFUSED or UNKNOWN: what became of a write.
	Outcome string
	// Resource is the name to look the outcome up by. Empty if there is none.
	Resource string
	// RetryAfter is how long to wait before the call is repeated. 0 where smsmux does not say so.
	RetryAfter time.Duration
	// Violations are the fields that break a rule of the API.
	Violations []*errdetails.BadRequest_FieldViolation
	// RequestID is the id of the call in smsmux's log. Empty if smsmux did not answer.
	RequestID string

	status *status.Status
}

// Error returns the reason and the text, for people.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", cmp.Or(e.Reason, e.status.Code().String()), e.status.Message())
}

// GRPCStatus returns the status of the call, for [status.Code] and [status.Convert].
func (e *Error) GRPCStatus() *status.Status {
	return e.status
}

func newError(err error, headers ...metadata.MD) *Error {
	e := &Error{Outcome: "UNKNOWN", status: status.Convert(err)}
	for _, detail := range e.status.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == "smsmux" {
				e.Reason, e.Resource = detail.GetReason(), detail.GetMetadata()["resource"]
				e.Outcome = cmp.Or(detail.GetMetadata()["outcome"], e.Outcome)
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = detail.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			e.Violations = detail.GetFieldViolations()
		}
	}
	if ids := metadata.Join(headers...).Get("x-request-id"); len(ids) > 0 {
		e.RequestID = ids[0]
	}
	return e
}

// again waits until it is time for the next attempt after one, counted from 1. It returns false when there is to be none, or when there is
// no time for it: a call with an idempotency key may be repeated when nothing was accepted, or when the connection was lost.
func (e *Error) again(ctx context.Context, attempt int) bool {
	mayRepeat := e.status.Code() == codes.Unavailable || e.Reason == "RATE_LIMITED" || e.Reason == "REQUEST_IN_PROGRESS"
	backoff := 500 * time.Millisecond << min(attempt-1, 3)
	pause := cmp.Or(e.RetryAfter, backoff*time.Duration(80+mathrand.IntN(40))/100)
	if deadline, has := ctx.Deadline(); !mayRepeat || has && time.Until(deadline) <= pause {
		return false
	}
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// with adds metadata to a call, unless the call brings its own.
func with(ctx context.Context, name, value string) context.Context {
	if sent, _ := metadata.FromOutgoingContext(ctx); len(sent.Get(name)) > 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, name, value)
}

// authorized adds the key to a call.
func (c Config) authorized(ctx context.Context) context.Context {
	if c.Key == "" {
		return ctx
	}
	return with(ctx, "authorization", "Bearer "+c.Key)
}

// unary gives a call its key, idempotency key and deadline, and repeats it.
func (c Config) unary(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	ctx = with(c.authorized(ctx), "idempotency-key", rand.Text())
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Timeout)
		defer cancel()
	}
	for attempt := 1; ; attempt++ {
		var header, trailer metadata.MD
		err := invoke(ctx, method, request, reply, conn, append(slices.Clone(options), grpc.Header(&header), grpc.Trailer(&trailer))...)
		if err == nil {
			return nil
		}
		e := newError(err, header, trailer)
		if attempt == attempts || !e.again(ctx, attempt) {
			return e
		}
	}
}

// stream gives a stream its key.
func (c Config) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, stream grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return stream(c.authorized(ctx), desc, conn, method, options...)
}

// Pages iterates over the pages of a list, one call for each:
//
//	for page, err := range smsmux.Pages(ctx, client.Messages.ListMessages, request)
func Pages[Q proto.Message, A interface{ GetNextPageToken() string }](ctx context.Context, list func(context.Context, Q, ...grpc.CallOption) (A, error), request Q) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		request := proto.CloneOf(request)
		for {
			page, err := list(ctx, request)
			if !yield(page, err) || err != nil || page.GetNextPageToken() == "" {
				return
			}
			set(request, "page_token", page.GetNextPageToken())
		}
	}
}

// Watch iterates over the answers of a stream, which comes back by its last resume_token when the server restarts or the connection
// is lost, until the context is cancelled:
//
//	for answer, err := range smsmux.Watch(ctx, client.Events.WatchEvents, request)
//
// Store the token of the last answer that you have processed.
func Watch[Q proto.Message, A any, P interface {
	*A
	GetResumeToken() string
}](ctx context.Context, watch func(context.Context, Q, ...grpc.CallOption) (grpc.ServerStreamingClient[A], error), request Q) iter.Seq2[*A, error] {
	return func(yield func(*A, error) bool) {
		request := proto.CloneOf(request)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for attempt := 1; ; attempt++ {
			var header, trailer metadata.MD
			stream, err := watch(ctx, request, grpc.Header(&header), grpc.Trailer(&trailer))
			for err == nil {
				var answer *A
				if answer, err = stream.Recv(); err == nil {
					attempt = 1
					set(request, "resume_token", P(answer).GetResumeToken())
					if !yield(answer, nil) {
						return
					}
				}
			}
			if err == io.EOF {
				return
			}
			e := newError(err, header, trailer)
			if !e.again(ctx, attempt) {
				yield(nil, e)
				return
			}
		}
	}
}

// set sets a field of text.
func set(request proto.Message, field protoreflect.Name, value string) {
	message := request.ProtoReflect()
	message.Set(message.Descriptor().Fields().ByName(field), protoreflect.ValueOfString(value))
}
