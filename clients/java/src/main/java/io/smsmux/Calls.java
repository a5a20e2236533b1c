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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Gives each call its key, idempotency key and deadline, and repeats it. */
final class Calls implements ClientInterceptor {
  /** How often a call is made at most. */
  private static final int ATTEMPTS = 5;

  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> IDEMPOTENCY_KEY = key("idempotency-key");

  private final String key;
  private final Duration timeout;
  private final boolean blocking;

  /** Makes the calls of blocking stubs, which throw {@link SmsmuxException}, or of others. */
  Calls(String key, Duration timeout, boolean blocking) {
    this.key = key;
    this.timeout = timeout;
    this.blocking = blocking;
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (method.getType() == MethodDescriptor.MethodType.UNARY) {
      return new Repeated<>(method, options, next);
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

  /** A unary call that is made again. It keeps the request, and what an attempt brings until it is known to be the last one. */
  private final class Repeated<Q, A> extends ClientCall<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final CallOptions options;
    private final Channel next;
    /** Cancelling it cancels the attempt that is made, and those that would come. */
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private Listener<A> listener;
    private Metadata headers;
    private Q request;
    private int attempts;

    Repeated(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      this.method = method;
      // The executor of a blocking stub runs nothing until the stub waits itself.
      CallOptions given = blocking ? options.withExecutor(null) : options;
      this.options = given.getDeadline() != null ? given : given.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
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
      if (blocking) {
        await();
      }
    }

    @Override
    public void cancel(String message, Throwable cause) {
      context.cancel(Status.CANCELLED.withDescription(message).withCause(cause).asException());
    }

    private void attempt() {
      attempts++;
      Metadata sent = new Metadata();
      sent.merge(headers);
      ClientCall<Q, A> call = next.newCall(method, options);
      call.start(new Attempt(), sent);
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
    }

    /** Waits for the end. A stub passes on what is thrown here. */
    private void await() {
      try {
        end.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SmsmuxException(Status.CANCELLED.withDescription("the thread was interrupted").withCause(e), null);
      } catch (ExecutionException e) {
        throw (SmsmuxException) e.getCause().fillInStackTrace();
      }
    }

    private final class Attempt extends Listener<A> {
      private final List<Runnable> received = new ArrayList<>();

      @Override
      public void onHeaders(Metadata headers) {
        received.add(() -> listener.onHeaders(headers));
      }

      @Override
      public void onMessage(A message) {
        received.add(() -> listener.onMessage(message));
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        SmsmuxException error = new SmsmuxException(status, trailers);
        long pause = error.pause(attempts).toMillis();
        boolean inTime = options.getDeadline().timeRemaining(TimeUnit.MILLISECONDS) > pause;
        if (!status.isOk() && error.mayRepeat() && attempts < ATTEMPTS && inTime) {
          CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(context.wrap(Repeated.this::attempt));
          return;
        }
        received.forEach(Runnable::run);
        listener.onClose(status, trailers);
        context.cancel(null);
        if (status.isOk()) {
          end.complete(null);
        } else {
          end.completeExceptionally(error);
        }
      }
    }
  }
}
