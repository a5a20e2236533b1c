package io.smsmux;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Gives each call its key, idempotency key and deadline, and repeats it. */
final class Calls implements ClientInterceptor {
  /** Whether a call throws {@link SmsmuxException}: it returns when it is at its end, as a blocking stub does. */
  static final CallOptions.Key<Boolean> THROWS = CallOptions.Key.createWithDefault("smsmux-throws", false);

  /** How often a call is made at most. */
  private static final int ATTEMPTS = 5;

  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> IDEMPOTENCY_KEY = key("idempotency-key");

  private final String key;
  private final Duration timeout;

  Calls(String key, Duration timeout) {
    this.key = key;
    this.timeout = timeout;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (method.getType() == MethodDescriptor.MethodType.UNARY) {
      boolean has = options.getDeadline() != null;
      return new Repeated<>(method, has ? options : options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS), next);
    }
    return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        authorize(headers);
        super.start(listener, headers);
      }
    };
  }

  private void authorize(Metadata headers) {
    if (!key.isEmpty() && !headers.containsKey(AUTHORIZATION)) {
      headers.put(AUTHORIZATION, "Bearer " + key);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** A unary call that is made again. It keeps the request, and what an attempt brings until it is known to be the last one. */
  private final class Repeated<Q, A> extends ClientCall<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final CallOptions options;
    private final Channel next;
    private final Context context = Context.current();
    private final CompletableFuture<SmsmuxException> failure = new CompletableFuture<>();
    private Listener<A> listener;
    private Metadata headers;
    private Q request;
    private int attempts;
    private ClientCall<Q, A> current;
    private Status cancelled;

    Repeated(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      this.method = method;
      // The stub's executor runs nothing until the stub waits itself.
      this.options = options.getOption(THROWS) ? options.withExecutor(null) : options;
      this.next = next;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      this.listener = listener;
      this.headers = headers;
      authorize(headers);
      if (!headers.containsKey(IDEMPOTENCY_KEY)) {
        headers.put(IDEMPOTENCY_KEY, UUID.randomUUID().toString());
      }
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendMessage(Q message) {
      request = message;
    }

    @Override
    public void halfClose() {
      context.run(this::attempt);
      if (options.getOption(THROWS)) {
        throwFailure();
      }
    }

    /** Waits for the end. A stub passes on what is thrown here. */
    private void throwFailure() {
      SmsmuxException thrown;
      try {
        thrown = failure.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        thrown = new SmsmuxException(Status.CANCELLED.withDescription("the thread was interrupted").withCause(e), null);
      } catch (ExecutionException e) {
        throw new AssertionError(e);
      }
      if (thrown != null) {
        thrown.fillInStackTrace();
        throw thrown;
      }
    }

    private void close(Status status, Metadata trailers) {
      listener.onClose(status, trailers);
      failure.complete(status.isOk() ? null : new SmsmuxException(status, trailers));
    }

    @Override
    public synchronized void cancel(String message, Throwable cause) {
      cancelled = Status.CANCELLED.withDescription(message).withCause(cause);
      if (current != null) {
        current.cancel(message, cause);
      }
    }

    private synchronized void attempt() {
      if (cancelled != null) {
        close(cancelled, new Metadata());
        return;
      }
      attempts++;
      Metadata sent = new Metadata();
      sent.merge(headers);
      current = next.newCall(method, options);
      current.start(new Attempt(), sent);
      current.request(2);
      current.sendMessage(request);
      current.halfClose();
    }

    private synchronized boolean repeats(Status status, Metadata trailers) {
      SmsmuxException error = new SmsmuxException(status, trailers);
      Duration pause = error.pause(attempts);
      boolean inTime = options.getDeadline().timeRemaining(TimeUnit.MILLISECONDS) > pause.toMillis();
      if (status.isOk() || cancelled != null || !error.mayRepeat() || attempts == ATTEMPTS || !inTime) {
        return false;
      }
      CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
          .execute(context.wrap(this::attempt));
      return true;
    }

    private final class Attempt extends Listener<A> {
      private Metadata received;
      private A answer;

      @Override
      public void onHeaders(Metadata headers) {
        received = headers;
      }

      @Override
      public void onMessage(A message) {
        answer = message;
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        if (repeats(status, trailers)) {
          return;
        }
        if (received != null) {
          listener.onHeaders(received);
        }
        if (answer != null) {
          listener.onMessage(answer);
        }
        close(status, trailers);
      }
    }
  }
}
