package io.smsmux;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Gives each call its key, idempotency key and deadline, and repeats it. */
final class Calls implements ClientInterceptor {
  /** Says that the stub waits for the call, which then throws what it fails with. */
  static final CallOptions.Key<Boolean> BLOCKING = CallOptions.Key.createWithDefault("smsmux-blocking", false);

  /** How often a call is made at most. A stream comes back without end. */
  private static final int ATTEMPTS = 5;

  private final Client.Settings settings;

  Calls(Client.Settings settings) {
    this.settings = settings;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      return new Repeated<>(method, options.withOption(BLOCKING, false), next);
    }
    var timed = options.getDeadline() == null ? options.withDeadlineAfter(settings.timeout) : options;
    // The executor of a blocking stub runs nothing until the stub waits itself.
    return new Repeated<>(method, options.getOption(BLOCKING) ? timed.withExecutor(null) : timed, next);
  }

  /** A call that is made again, as a unary call that has failed, or as a stream that goes on after its last answer. */
  private final class Repeated<Q, A> extends ClientCall<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final CallOptions options;
    private final Channel next;
    /** Cancelling it cancels the attempt that is made, and those that would come. */
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final CountDownLatch end = new CountDownLatch(1);
    private SmsmuxException failure;
    private Listener<A> listener;
    private Metadata headers;
    private Q request;
    private ClientCall<Q, A> attempt;
    private int attempts;
    /** How many answers the stub waits for. */
    private int wanted;

    Repeated(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      this.method = method;
      this.options = options;
      this.next = next;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      this.listener = listener;
      this.headers = headers;
      putIfAbsent("idempotency-key", UUID.randomUUID().toString());
      if (!settings.key.isEmpty()) {
        putIfAbsent("authorization", "Bearer " + settings.key);
      }
    }

    private void putIfAbsent(String name, String value) {
      var header = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
      if (!headers.containsKey(header)) {
        headers.put(header, value);
      }
    }

    @Override
    public synchronized void request(int messages) {
      wanted += messages;
      if (attempt != null) {
        attempt.request(messages);
      }
    }

    @Override
    public void sendMessage(Q message) {
      request = message;
    }

    @Override
    public void halfClose() {
      context.run(this::attempt);
      if (options.getOption(BLOCKING)) {
        await();
      }
    }

    @Override
    public void cancel(String message, Throwable cause) {
      context.cancel(Status.CANCELLED.withDescription(message).withCause(cause).asException());
    }

    private synchronized void attempt() {
      var sent = new Metadata();
      sent.merge(headers);
      attempts++;
      attempt = next.newCall(method, options);
      attempt.start(new Attempt(), sent);
      attempt.request(wanted);
      attempt.sendMessage(request);
      attempt.halfClose();
    }

    /** Waits for the end. A stub passes on what is thrown here. */
    private void await() {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SmsmuxException.of(Status.CANCELLED.withDescription("the thread was interrupted").withCause(e).asException());
      }
      if (failure != null) {
        throw SmsmuxException.of(failure);
      }
    }

    private synchronized void goOnAfter(Message answer) {
      request = Client.with(request, "resume_token", Client.text(answer, "resume_token"));
      wanted--;
      attempts = 1;
    }

    private final class Attempt extends Listener<A> {
      private final boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
      /** What the attempt of a unary call has brought, until the attempt is known to be the last one. */
      private final List<Runnable> kept = new ArrayList<>();
      private final Consumer<Runnable> events = unary ? kept::add : Runnable::run;

      @Override
      public void onHeaders(Metadata headers) {
        events.accept(() -> listener.onHeaders(headers));
      }

      @Override
      public void onMessage(A message) {
        if (!unary) {
          goOnAfter((Message) message);
        }
        events.accept(() -> listener.onMessage(message));
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        var error = new SmsmuxException(status, trailers);
        long pause = error.pause(attempts).toMillis();
        boolean last = unary && (attempts == ATTEMPTS || options.getDeadline().timeRemaining(TimeUnit.MILLISECONDS) <= pause);
        if (error.mayRepeat() && !last) {
          CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(context.wrap(Repeated.this::attempt));
          return;
        }
        kept.forEach(Runnable::run);
        listener.onClose(status, trailers);
        context.cancel(null);
        failure = status.isOk() ? null : error;
        end.countDown();
      }
    }
  }
}
