package io.smsmux;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * The answers of a stream that comes back, see {@link Client#watch}. It has always a next one.
 *
 * @param <Q> the request
 * @param <A> an answer
 */
public final class Watch<Q extends Message, A extends Message> implements Iterator<A>, AutoCloseable {
  private final Function<Q, Iterator<A>> method;
  /** A stream of a blocking stub ends with the context that it was started in. */
  private final Context.CancellableContext context = Context.current().withCancellation();
  private Q request;
  private Iterator<A> stream;

  Watch(Function<Q, Iterator<A>> method, Q request) {
    this.method = method;
    this.request = request;
  }

  @Override
  public boolean hasNext() {
    return !context.isCancelled();
  }

  /** Waits for the next answer. */
  @Override
  public A next() {
    for (int attempt = 1; hasNext(); attempt++) {
      try {
        if (stream == null) {
          context.run(() -> stream = method.apply(request));
        }
        A answer = stream.next();
        request = Client.with(request, "resume_token", Client.text(answer, "resume_token"));
        return answer;
      } catch (StatusRuntimeException e) {
        SmsmuxException error = SmsmuxException.of(e);
        if (!error.mayRepeat()) {
          throw error;
        }
        stream = null;
        pause(error, attempt);
      }
    }
    throw new NoSuchElementException("the watch is closed");
  }

  /** Ends the stream. */
  @Override
  public void close() {
    context.cancel(null);
  }

  private void pause(SmsmuxException error, int attempt) {
    try {
      Thread.sleep(error.pause(attempt).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }
}
