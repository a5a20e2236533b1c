package io.smsmux;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
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
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A connection to smsmux, with all its services: make one and share it.
 *
 * <p>A call ends after the timeout with all its repeats, unless its stub has a deadline, and carries an {@code idempotency-key}: its own
 * or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in
 * RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not
 * repeated. Whatever a call fails with is thrown as {@link SmsmuxException}.
 *
 * <p>The services are the blocking stubs. Others are made of {@link #channel}, with the same rules: {@code
 * MessageServiceGrpc.newFutureStub(client.channel())}. What they fail with is read by {@link SmsmuxException#of}.
 */
public final class Client extends Services implements AutoCloseable {
  /** Where a client connects to, and how. What is absent is taken from the environment. */
  public static final class Builder {
    private String address = variable("SMSMUX_ADDRESS", "127.0.0.1:50051");
    private String key = variable("SMSMUX_KEY", "");
    private String ca = variable("SMSMUX_CA", "");
    private Duration timeout = Duration.ofSeconds(30);

    private Builder() {}

    /**
     * Sets {@code HOST:PORT}: {@code $SMSMUX_ADDRESS}, or {@code 127.0.0.1:50051}. The connection is TLS unless the address is of this
     * machine and there is no {@link #ca}; {@code http://} or {@code https://} before the address decides otherwise.
     */
    public Builder address(String address) {
      this.address = address;
      return this;
    }

    /** Sets the API key: {@code $SMSMUX_KEY}. It is never sent to another machine in plain text. */
    public Builder key(String key) {
      this.key = key;
      return this;
    }

    /** Sets a PEM file with the authorities to trust: {@code $SMSMUX_CA}, or those of Java. */
    public Builder ca(String ca) {
      this.ca = ca;
      return this;
    }

    /** Sets the time for a call with all its repeats, unless its stub has a deadline: 30 seconds. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /** Makes the client. It connects when the first call is made. */
    public Client build() {
      return new Client(this);
    }

    private static String variable(String name, String otherwise) {
      String value = System.getenv(name);
      return value == null || value.isEmpty() ? otherwise : value;
    }
  }

  private static final Pattern ADDRESS = Pattern.compile("(?:(https?)://)?((\\[[^\\]]*\\]|[^:/]*)(?::\\d+)?)");
  private static final Pattern LOOPBACK = Pattern.compile("localhost|\\[::1\\]|127(\\.\\d+){3}");

  private final ManagedChannel connection;
  private final Channel channel;
  private final Channel blocking;

  private Client(Builder options) {
    connection = connect(options.address, options.key, options.ca);
    channel = ClientInterceptors.intercept(connection, new Calls(options.key, options.timeout, false));
    blocking = ClientInterceptors.intercept(connection, new Calls(options.key, options.timeout, true));
  }

  /** Returns a client of what the environment says. */
  public static Client create() {
    return builder().build();
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the request of a text; further fields can be set by its {@code toBuilder()}. */
  public static SendMessageRequest textMessage(String parent, String text, String... recipients) {
    return SendMessageRequest.newBuilder()
        .setParent(parent)
        .addAllRecipients(List.of(recipients))
        .setText(text)
        .build();
  }

  @Override
  Channel blocking() {
    return blocking;
  }

  /** Returns the channel, for stubs of other kinds. */
  public Channel channel() {
    return channel;
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
   * Iterates over the answers of a stream, which comes back by its last {@code resume_token} when the server restarts or the connection
   * is lost: {@code client.watch(client.events()::watchEvents, request)}. Store the token of the last answer that you have
   * processed; close the watch to end it.
   */
  public <Q extends Message, A extends Message> Watch<Q, A> watch(Function<Q, Iterator<A>> method, Q request) {
    return new Watch<>(method, request);
  }

  /** Ends the connection and all calls. */
  @Override
  public void close() {
    connection.shutdownNow();
  }

  static String text(Message message, String field) {
    return (String) message.getField(field(message, field));
  }

  @SuppressWarnings("unchecked") // A message's builder makes messages of its type.
  static <T extends Message> T with(T message, String field, String value) {
    return (T) message.toBuilder().setField(field(message, field), value).build();
  }

  private static FieldDescriptor field(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  private static ManagedChannel connect(String address, String key, String ca) {
    Matcher form = ADDRESS.matcher(address);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "invalid address " + address + ": expected HOST:PORT, after http:// or https:// if at all");
    }
    boolean local = LOOPBACK.matcher(form.group(3)).matches();
    boolean plain = form.group(1) == null ? local && ca.isEmpty() : form.group(1).equals("http");
    if (plain && !key.isEmpty() && !local) {
      throw new IllegalArgumentException("the key is not sent to " + form.group(2) + " in plain text: use TLS");
    }
    return Grpc.newChannelBuilder(form.group(2), plain ? InsecureChannelCredentials.create() : tls(ca))
        // So that a watch notices a connection that died without a word.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  private static ChannelCredentials tls(String ca) {
    try {
      return ca.isEmpty()
          ? TlsChannelCredentials.create()
          : TlsChannelCredentials.newBuilder().trustManager(new File(ca)).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
