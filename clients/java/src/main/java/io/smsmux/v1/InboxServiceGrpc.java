package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SMS that were received at numbers of the account.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class InboxServiceGrpc {

  private InboxServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.InboxService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.PullReceivedMessagesRequest,
      io.smsmux.v1.PullReceivedMessagesResponse> getPullReceivedMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PullReceivedMessages",
      requestType = io.smsmux.v1.PullReceivedMessagesRequest.class,
      responseType = io.smsmux.v1.PullReceivedMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.PullReceivedMessagesRequest,
      io.smsmux.v1.PullReceivedMessagesResponse> getPullReceivedMessagesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.PullReceivedMessagesRequest, io.smsmux.v1.PullReceivedMessagesResponse> getPullReceivedMessagesMethod;
    if ((getPullReceivedMessagesMethod = InboxServiceGrpc.getPullReceivedMessagesMethod) == null) {
      synchronized (InboxServiceGrpc.class) {
        if ((getPullReceivedMessagesMethod = InboxServiceGrpc.getPullReceivedMessagesMethod) == null) {
          InboxServiceGrpc.getPullReceivedMessagesMethod = getPullReceivedMessagesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.PullReceivedMessagesRequest, io.smsmux.v1.PullReceivedMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PullReceivedMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.PullReceivedMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.PullReceivedMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InboxServiceMethodDescriptorSupplier("PullReceivedMessages"))
              .build();
        }
      }
    }
    return getPullReceivedMessagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesRequest,
      io.smsmux.v1.ListReceivedMessagesResponse> getListReceivedMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReceivedMessages",
      requestType = io.smsmux.v1.ListReceivedMessagesRequest.class,
      responseType = io.smsmux.v1.ListReceivedMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesRequest,
      io.smsmux.v1.ListReceivedMessagesResponse> getListReceivedMessagesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesRequest, io.smsmux.v1.ListReceivedMessagesResponse> getListReceivedMessagesMethod;
    if ((getListReceivedMessagesMethod = InboxServiceGrpc.getListReceivedMessagesMethod) == null) {
      synchronized (InboxServiceGrpc.class) {
        if ((getListReceivedMessagesMethod = InboxServiceGrpc.getListReceivedMessagesMethod) == null) {
          InboxServiceGrpc.getListReceivedMessagesMethod = getListReceivedMessagesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListReceivedMessagesRequest, io.smsmux.v1.ListReceivedMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReceivedMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListReceivedMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListReceivedMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InboxServiceMethodDescriptorSupplier("ListReceivedMessages"))
              .build();
        }
      }
    }
    return getListReceivedMessagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesAfterRequest,
      io.smsmux.v1.ListReceivedMessagesAfterResponse> getListReceivedMessagesAfterMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReceivedMessagesAfter",
      requestType = io.smsmux.v1.ListReceivedMessagesAfterRequest.class,
      responseType = io.smsmux.v1.ListReceivedMessagesAfterResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesAfterRequest,
      io.smsmux.v1.ListReceivedMessagesAfterResponse> getListReceivedMessagesAfterMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListReceivedMessagesAfterRequest, io.smsmux.v1.ListReceivedMessagesAfterResponse> getListReceivedMessagesAfterMethod;
    if ((getListReceivedMessagesAfterMethod = InboxServiceGrpc.getListReceivedMessagesAfterMethod) == null) {
      synchronized (InboxServiceGrpc.class) {
        if ((getListReceivedMessagesAfterMethod = InboxServiceGrpc.getListReceivedMessagesAfterMethod) == null) {
          InboxServiceGrpc.getListReceivedMessagesAfterMethod = getListReceivedMessagesAfterMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListReceivedMessagesAfterRequest, io.smsmux.v1.ListReceivedMessagesAfterResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReceivedMessagesAfter"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListReceivedMessagesAfterRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListReceivedMessagesAfterResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InboxServiceMethodDescriptorSupplier("ListReceivedMessagesAfter"))
              .build();
        }
      }
    }
    return getListReceivedMessagesAfterMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.WatchReceivedMessagesRequest,
      io.smsmux.v1.WatchReceivedMessagesResponse> getWatchReceivedMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchReceivedMessages",
      requestType = io.smsmux.v1.WatchReceivedMessagesRequest.class,
      responseType = io.smsmux.v1.WatchReceivedMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.WatchReceivedMessagesRequest,
      io.smsmux.v1.WatchReceivedMessagesResponse> getWatchReceivedMessagesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.WatchReceivedMessagesRequest, io.smsmux.v1.WatchReceivedMessagesResponse> getWatchReceivedMessagesMethod;
    if ((getWatchReceivedMessagesMethod = InboxServiceGrpc.getWatchReceivedMessagesMethod) == null) {
      synchronized (InboxServiceGrpc.class) {
        if ((getWatchReceivedMessagesMethod = InboxServiceGrpc.getWatchReceivedMessagesMethod) == null) {
          InboxServiceGrpc.getWatchReceivedMessagesMethod = getWatchReceivedMessagesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.WatchReceivedMessagesRequest, io.smsmux.v1.WatchReceivedMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchReceivedMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.WatchReceivedMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.WatchReceivedMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InboxServiceMethodDescriptorSupplier("WatchReceivedMessages"))
              .build();
        }
      }
    }
    return getWatchReceivedMessagesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static InboxServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InboxServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InboxServiceStub>() {
        @java.lang.Override
        public InboxServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InboxServiceStub(channel, callOptions);
        }
      };
    return InboxServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static InboxServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InboxServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InboxServiceBlockingV2Stub>() {
        @java.lang.Override
        public InboxServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InboxServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return InboxServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static InboxServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InboxServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InboxServiceBlockingStub>() {
        @java.lang.Override
        public InboxServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InboxServiceBlockingStub(channel, callOptions);
        }
      };
    return InboxServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static InboxServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InboxServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InboxServiceFutureStub>() {
        @java.lang.Override
        public InboxServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InboxServiceFutureStub(channel, callOptions);
        }
      };
    return InboxServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * </pre>
     */
    default void pullReceivedMessages(io.smsmux.v1.PullReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.PullReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPullReceivedMessagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists received messages by time. Nothing is consumed.
     * </pre>
     */
    default void listReceivedMessages(io.smsmux.v1.ListReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReceivedMessagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * </pre>
     */
    default void listReceivedMessagesAfter(io.smsmux.v1.ListReceivedMessagesAfterRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesAfterResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReceivedMessagesAfterMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends received messages as they arrive, until the caller hangs up or the server drains. Nothing is consumed. Every
     * answer has a token: who comes back with it misses nothing and sees nothing twice. The messages of one number come in
     * their order, those of several by time as far as that is known. While the vendor is down the stream stays open and
     * smsmux goes on asking, ever more slowly.
     * At smSend a number is noticed by the first message that it gets: one that is more than three hours late there is not
     * seen. At LOX24 no message is seen that is more than three hours late, nor, where more than a thousand came within these
     * hours, one that should have come before the last thousand.
     * Errors: INVALID_REQUEST for a token that is damaged or was made for another account or other numbers; UNAVAILABLE when
     * the server drains: come back with the last token; what waiting will not mend, such as a credential that the vendor
     * does not accept any more.
     * </pre>
     */
    default void watchReceivedMessages(io.smsmux.v1.WatchReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.WatchReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchReceivedMessagesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service InboxService.
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public static abstract class InboxServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return InboxServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service InboxService.
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public static final class InboxServiceStub
      extends io.grpc.stub.AbstractAsyncStub<InboxServiceStub> {
    private InboxServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InboxServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InboxServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * </pre>
     */
    public void pullReceivedMessages(io.smsmux.v1.PullReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.PullReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPullReceivedMessagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists received messages by time. Nothing is consumed.
     * </pre>
     */
    public void listReceivedMessages(io.smsmux.v1.ListReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReceivedMessagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * </pre>
     */
    public void listReceivedMessagesAfter(io.smsmux.v1.ListReceivedMessagesAfterRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesAfterResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReceivedMessagesAfterMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends received messages as they arrive, until the caller hangs up or the server drains. Nothing is consumed. Every
     * answer has a token: who comes back with it misses nothing and sees nothing twice. The messages of one number come in
     * their order, those of several by time as far as that is known. While the vendor is down the stream stays open and
     * smsmux goes on asking, ever more slowly.
     * At smSend a number is noticed by the first message that it gets: one that is more than three hours late there is not
     * seen. At LOX24 no message is seen that is more than three hours late, nor, where more than a thousand came within these
     * hours, one that should have come before the last thousand.
     * Errors: INVALID_REQUEST for a token that is damaged or was made for another account or other numbers; UNAVAILABLE when
     * the server drains: come back with the last token; what waiting will not mend, such as a credential that the vendor
     * does not accept any more.
     * </pre>
     */
    public void watchReceivedMessages(io.smsmux.v1.WatchReceivedMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.WatchReceivedMessagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchReceivedMessagesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service InboxService.
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public static final class InboxServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<InboxServiceBlockingV2Stub> {
    private InboxServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InboxServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InboxServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * </pre>
     */
    public io.smsmux.v1.PullReceivedMessagesResponse pullReceivedMessages(io.smsmux.v1.PullReceivedMessagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPullReceivedMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists received messages by time. Nothing is consumed.
     * </pre>
     */
    public io.smsmux.v1.ListReceivedMessagesResponse listReceivedMessages(io.smsmux.v1.ListReceivedMessagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReceivedMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * </pre>
     */
    public io.smsmux.v1.ListReceivedMessagesAfterResponse listReceivedMessagesAfter(io.smsmux.v1.ListReceivedMessagesAfterRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReceivedMessagesAfterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends received messages as they arrive, until the caller hangs up or the server drains. Nothing is consumed. Every
     * answer has a token: who comes back with it misses nothing and sees nothing twice. The messages of one number come in
     * their order, those of several by time as far as that is known. While the vendor is down the stream stays open and
     * smsmux goes on asking, ever more slowly.
     * At smSend a number is noticed by the first message that it gets: one that is more than three hours late there is not
     * seen. At LOX24 no message is seen that is more than three hours late, nor, where more than a thousand came within these
     * hours, one that should have come before the last thousand.
     * Errors: INVALID_REQUEST for a token that is damaged or was made for another account or other numbers; UNAVAILABLE when
     * the server drains: come back with the last token; what waiting will not mend, such as a credential that the vendor
     * does not accept any more.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.smsmux.v1.WatchReceivedMessagesResponse>
        watchReceivedMessages(io.smsmux.v1.WatchReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchReceivedMessagesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service InboxService.
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public static final class InboxServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<InboxServiceBlockingStub> {
    private InboxServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InboxServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InboxServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * </pre>
     */
    public io.smsmux.v1.PullReceivedMessagesResponse pullReceivedMessages(io.smsmux.v1.PullReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPullReceivedMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists received messages by time. Nothing is consumed.
     * </pre>
     */
    public io.smsmux.v1.ListReceivedMessagesResponse listReceivedMessages(io.smsmux.v1.ListReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReceivedMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * </pre>
     */
    public io.smsmux.v1.ListReceivedMessagesAfterResponse listReceivedMessagesAfter(io.smsmux.v1.ListReceivedMessagesAfterRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReceivedMessagesAfterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends received messages as they arrive, until the caller hangs up or the server drains. Nothing is consumed. Every
     * answer has a token: who comes back with it misses nothing and sees nothing twice. The messages of one number come in
     * their order, those of several by time as far as that is known. While the vendor is down the stream stays open and
     * smsmux goes on asking, ever more slowly.
     * At smSend a number is noticed by the first message that it gets: one that is more than three hours late there is not
     * seen. At LOX24 no message is seen that is more than three hours late, nor, where more than a thousand came within these
     * hours, one that should have come before the last thousand.
     * Errors: INVALID_REQUEST for a token that is damaged or was made for another account or other numbers; UNAVAILABLE when
     * the server drains: come back with the last token; what waiting will not mend, such as a credential that the vendor
     * does not accept any more.
     * </pre>
     */
    public java.util.Iterator<io.smsmux.v1.WatchReceivedMessagesResponse> watchReceivedMessages(
        io.smsmux.v1.WatchReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchReceivedMessagesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service InboxService.
   * <pre>
   * SMS that were received at numbers of the account.
   * </pre>
   */
  public static final class InboxServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<InboxServiceFutureStub> {
    private InboxServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InboxServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InboxServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.PullReceivedMessagesResponse> pullReceivedMessages(
        io.smsmux.v1.PullReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPullReceivedMessagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists received messages by time. Nothing is consumed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListReceivedMessagesResponse> listReceivedMessages(
        io.smsmux.v1.ListReceivedMessagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReceivedMessagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListReceivedMessagesAfterResponse> listReceivedMessagesAfter(
        io.smsmux.v1.ListReceivedMessagesAfterRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReceivedMessagesAfterMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PULL_RECEIVED_MESSAGES = 0;
  private static final int METHODID_LIST_RECEIVED_MESSAGES = 1;
  private static final int METHODID_LIST_RECEIVED_MESSAGES_AFTER = 2;
  private static final int METHODID_WATCH_RECEIVED_MESSAGES = 3;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PULL_RECEIVED_MESSAGES:
          serviceImpl.pullReceivedMessages((io.smsmux.v1.PullReceivedMessagesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.PullReceivedMessagesResponse>) responseObserver);
          break;
        case METHODID_LIST_RECEIVED_MESSAGES:
          serviceImpl.listReceivedMessages((io.smsmux.v1.ListReceivedMessagesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesResponse>) responseObserver);
          break;
        case METHODID_LIST_RECEIVED_MESSAGES_AFTER:
          serviceImpl.listReceivedMessagesAfter((io.smsmux.v1.ListReceivedMessagesAfterRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListReceivedMessagesAfterResponse>) responseObserver);
          break;
        case METHODID_WATCH_RECEIVED_MESSAGES:
          serviceImpl.watchReceivedMessages((io.smsmux.v1.WatchReceivedMessagesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.WatchReceivedMessagesResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPullReceivedMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.PullReceivedMessagesRequest,
              io.smsmux.v1.PullReceivedMessagesResponse>(
                service, METHODID_PULL_RECEIVED_MESSAGES)))
        .addMethod(
          getListReceivedMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListReceivedMessagesRequest,
              io.smsmux.v1.ListReceivedMessagesResponse>(
                service, METHODID_LIST_RECEIVED_MESSAGES)))
        .addMethod(
          getListReceivedMessagesAfterMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListReceivedMessagesAfterRequest,
              io.smsmux.v1.ListReceivedMessagesAfterResponse>(
                service, METHODID_LIST_RECEIVED_MESSAGES_AFTER)))
        .addMethod(
          getWatchReceivedMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.smsmux.v1.WatchReceivedMessagesRequest,
              io.smsmux.v1.WatchReceivedMessagesResponse>(
                service, METHODID_WATCH_RECEIVED_MESSAGES)))
        .build();
  }

  private static abstract class InboxServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    InboxServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.InboxServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("InboxService");
    }
  }

  private static final class InboxServiceFileDescriptorSupplier
      extends InboxServiceBaseDescriptorSupplier {
    InboxServiceFileDescriptorSupplier() {}
  }

  private static final class InboxServiceMethodDescriptorSupplier
      extends InboxServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    InboxServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (InboxServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new InboxServiceFileDescriptorSupplier())
              .addMethod(getPullReceivedMessagesMethod())
              .addMethod(getListReceivedMessagesMethod())
              .addMethod(getListReceivedMessagesAfterMethod())
              .addMethod(getWatchReceivedMessagesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
