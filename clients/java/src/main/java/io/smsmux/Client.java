package io.smsmux;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.smsmux.v1.SendMessageRequest;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A connection to smsmux, with all its services: make one and share it.
 *
 * <p>A call ends after the timeout with all its repeats, unless its stub has a deadline, and carries an {@code idempotency-key}: its own
 * or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in
 * RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not
 * repeated. Whatever a call fails with is thrown as {@link SmsmuxException}. A stream comes back by its last {@code resume_token}.
 *
 * <p>The services are the blocking stubs. Others are made of {@link #channel}, with the same rules: {@code
 * MessageServiceGrpc.newFutureStub(client.channel())}. What they fail with is read by {@link SmsmuxException#of}.
 */
public final class Client extends Services implements AutoCloseable {
  /** Where a client connects to, and how. What is not set comes from the environment. */
  public static final class Settings {
    /**
     * {@code HOST:PORT}: {@code $SMSMUX_ADDRESS}, or {@code 127.0.0.1:50051}. The connection is TLS unless the address is of this
     * machine and there is no {@link #ca}; {@code http://} or {@code https://} before the address decides otherwise.
     */
    public String address = System.getenv().getOrDefault("SMSMUX_ADDRESS", "");

    /** The API key: {@code $SMSMUX_KEY}. It is never sent to another machine in plain text. */
    public String key = System.getenv().getOrDefault("SMSMUX_KEY", "");

    /** A PEM file with the authorities to trust: {@code $SMSMUX_CA}, or those of Java. */
    public String ca = System.getenv().getOrDefault("SMSMUX_CA", "");

    /** The time for a call with all its repeats, unless its stub has a deadline: 30 seconds. */
    public Duration timeout = Duration.ofSeconds(30);

    private Settings() {}
  }

  private static final Pattern ADDRESS =
      Pattern.compile("(?:(https?)://)?((?:(localhost|\\[::1\\]|127(?:\\.\\d+){3})|\\[[^\\]]*\\]|[^:/]*)(?::\\d+)?)");

  private Client(ManagedChannel channel) {
    super(channel);
  }

  /** Returns a client of what the environment says. */
  public static Client create() {
    return create(settings -> {});
  }

  /** Returns a client of other settings: {@code Client.create(settings -> settings.key = key)}. It connects when the first call is made. */
  public static Client create(Consumer<Settings> change) {
    var settings = new Settings();
    change.accept(settings);
    return new Client(connect(settings));
  }

  /** Returns the request of a text; further fields can be set by its {@code toBuilder()}. */
  public static SendMessageRequest textMessage(String parent, String text, String... recipients) {
    return SendMessageRequest.newBuilder().setParent(parent).addAllRecipients(List.of(recipients)).setText(text).build();
  }

  /** Iterates over the pages of a list, one call for each: {@code client.pages(client.messages()::listMessages, request)}. */
  public <Q extends Message, A extends Message> Iterable<A> pages(Function<Q, A> list, Q request) {
    return () ->
        Stream.iterate(list.apply(request), Objects::nonNull, page -> {
          String token = text(page, "next_page_token");
          return token.isEmpty() ? null : list.apply(with(request, "page_token", token));
        }).iterator();
  }

  /**
   * Returns the answers of a stream, which comes back by its last {@code resume_token} when the server restarts or the connection is
   * lost: {@code client.watch(client.events()::watchEvents, request)}. Store the token of the last answer that you have processed; close
   * the stream to end it.
   */
  public <Q, A> Stream<A> watch(Function<Q, Iterator<A>> method, Q request) {
    // A stream of a blocking stub ends with the context that it was started in.
    var context = Context.current().withCancellation();
    var answers = new AtomicReference<Iterator<A>>();
    context.run(() -> answers.set(method.apply(request)));
    return Stream.generate(() -> {
      try {
        return answers.get().next();
      } catch (StatusRuntimeException e) {
        throw SmsmuxException.of(e);
      }
    }).onClose(() -> context.cancel(null));
  }

  /** Ends the connection and all calls. */
  @Override
  public void close() {
    channel.shutdownNow();
  }

  static String text(Message message, String field) {
    return (String) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  @SuppressWarnings("unchecked") // A message's builder makes messages of its type.
  static <T> T with(T message, String field, String value) {
    var builder = ((Message) message).toBuilder();
    return (T) builder.setField(builder.getDescriptorForType().findFieldByName(field), value).build();
  }

  private static ManagedChannel connect(Settings settings) {
    var address = ADDRESS.matcher(settings.address.isEmpty() ? "127.0.0.1:50051" : settings.address);
    if (!address.matches()) {
      throw new IllegalArgumentException(
          "invalid address " + settings.address + ": expected HOST:PORT, after http:// or https:// if at all");
    }
    boolean local = address.group(3) != null;
    boolean plain = address.group(1) == null ? local && settings.ca.isEmpty() : address.group(1).equals("http");
    if (plain && !local && !settings.key.isEmpty()) {
      throw new IllegalArgumentException("the key is not sent to " + address.group(2) + " in plain text: use TLS");
    }
    var tls = TlsChannelCredentials.newBuilder();
    try {
      if (!settings.ca.isEmpty()) {
        tls.trustManager(new File(settings.ca));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Grpc.newChannelBuilder(address.group(2), plain ? InsecureChannelCredentials.create() : tls.build())
        .intercept(new Calls(settings))
        // So that a watch notices a connection that died without a word.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }
}
