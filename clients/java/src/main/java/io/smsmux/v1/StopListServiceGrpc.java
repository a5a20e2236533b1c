package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The stop list: numbers that opted out and get no messages.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class StopListServiceGrpc {

  private StopListServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.StopListService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateStopListEntryRequest,
      io.smsmux.v1.CreateStopListEntryResponse> getCreateStopListEntryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateStopListEntry",
      requestType = io.smsmux.v1.CreateStopListEntryRequest.class,
      responseType = io.smsmux.v1.CreateStopListEntryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateStopListEntryRequest,
      io.smsmux.v1.CreateStopListEntryResponse> getCreateStopListEntryMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateStopListEntryRequest, io.smsmux.v1.CreateStopListEntryResponse> getCreateStopListEntryMethod;
    if ((getCreateStopListEntryMethod = StopListServiceGrpc.getCreateStopListEntryMethod) == null) {
      synchronized (StopListServiceGrpc.class) {
        if ((getCreateStopListEntryMethod = StopListServiceGrpc.getCreateStopListEntryMethod) == null) {
          StopListServiceGrpc.getCreateStopListEntryMethod = getCreateStopListEntryMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateStopListEntryRequest, io.smsmux.v1.CreateStopListEntryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateStopListEntry"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateStopListEntryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateStopListEntryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StopListServiceMethodDescriptorSupplier("CreateStopListEntry"))
              .build();
        }
      }
    }
    return getCreateStopListEntryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListStopListEntriesRequest,
      io.smsmux.v1.ListStopListEntriesResponse> getListStopListEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListStopListEntries",
      requestType = io.smsmux.v1.ListStopListEntriesRequest.class,
      responseType = io.smsmux.v1.ListStopListEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListStopListEntriesRequest,
      io.smsmux.v1.ListStopListEntriesResponse> getListStopListEntriesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListStopListEntriesRequest, io.smsmux.v1.ListStopListEntriesResponse> getListStopListEntriesMethod;
    if ((getListStopListEntriesMethod = StopListServiceGrpc.getListStopListEntriesMethod) == null) {
      synchronized (StopListServiceGrpc.class) {
        if ((getListStopListEntriesMethod = StopListServiceGrpc.getListStopListEntriesMethod) == null) {
          StopListServiceGrpc.getListStopListEntriesMethod = getListStopListEntriesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListStopListEntriesRequest, io.smsmux.v1.ListStopListEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListStopListEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListStopListEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListStopListEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StopListServiceMethodDescriptorSupplier("ListStopListEntries"))
              .build();
        }
      }
    }
    return getListStopListEntriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.DeleteStopListEntryRequest,
      io.smsmux.v1.DeleteStopListEntryResponse> getDeleteStopListEntryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteStopListEntry",
      requestType = io.smsmux.v1.DeleteStopListEntryRequest.class,
      responseType = io.smsmux.v1.DeleteStopListEntryResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.DeleteStopListEntryRequest,
      io.smsmux.v1.DeleteStopListEntryResponse> getDeleteStopListEntryMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.DeleteStopListEntryRequest, io.smsmux.v1.DeleteStopListEntryResponse> getDeleteStopListEntryMethod;
    if ((getDeleteStopListEntryMethod = StopListServiceGrpc.getDeleteStopListEntryMethod) == null) {
      synchronized (StopListServiceGrpc.class) {
        if ((getDeleteStopListEntryMethod = StopListServiceGrpc.getDeleteStopListEntryMethod) == null) {
          StopListServiceGrpc.getDeleteStopListEntryMethod = getDeleteStopListEntryMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.DeleteStopListEntryRequest, io.smsmux.v1.DeleteStopListEntryResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteStopListEntry"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeleteStopListEntryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeleteStopListEntryResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StopListServiceMethodDescriptorSupplier("DeleteStopListEntry"))
              .build();
        }
      }
    }
    return getDeleteStopListEntryMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static StopListServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StopListServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StopListServiceStub>() {
        @java.lang.Override
        public StopListServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StopListServiceStub(channel, callOptions);
        }
      };
    return StopListServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static StopListServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StopListServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StopListServiceBlockingV2Stub>() {
        @java.lang.Override
        public StopListServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StopListServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return StopListServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static StopListServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StopListServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StopListServiceBlockingStub>() {
        @java.lang.Override
        public StopListServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StopListServiceBlockingStub(channel, callOptions);
        }
      };
    return StopListServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static StopListServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StopListServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StopListServiceFutureStub>() {
        @java.lang.Override
        public StopListServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StopListServiceFutureStub(channel, callOptions);
        }
      };
    return StopListServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Puts a number on the stop list.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED; RESOURCE_EXISTS where the vendor says that it is on the list.
     * </pre>
     */
    default void createStopListEntry(io.smsmux.v1.CreateStopListEntryRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateStopListEntryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateStopListEntryMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the numbers on the stop list.
     * </pre>
     */
    default void listStopListEntries(io.smsmux.v1.ListStopListEntriesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListStopListEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListStopListEntriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes a number off the stop list, so that it gets messages again.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void deleteStopListEntry(io.smsmux.v1.DeleteStopListEntryRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteStopListEntryResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteStopListEntryMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service StopListService.
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public static abstract class StopListServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return StopListServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service StopListService.
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public static final class StopListServiceStub
      extends io.grpc.stub.AbstractAsyncStub<StopListServiceStub> {
    private StopListServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StopListServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StopListServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Puts a number on the stop list.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED; RESOURCE_EXISTS where the vendor says that it is on the list.
     * </pre>
     */
    public void createStopListEntry(io.smsmux.v1.CreateStopListEntryRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateStopListEntryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateStopListEntryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the numbers on the stop list.
     * </pre>
     */
    public void listStopListEntries(io.smsmux.v1.ListStopListEntriesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListStopListEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListStopListEntriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes a number off the stop list, so that it gets messages again.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void deleteStopListEntry(io.smsmux.v1.DeleteStopListEntryRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteStopListEntryResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteStopListEntryMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service StopListService.
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public static final class StopListServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<StopListServiceBlockingV2Stub> {
    private StopListServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StopListServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StopListServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Puts a number on the stop list.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED; RESOURCE_EXISTS where the vendor says that it is on the list.
     * </pre>
     */
    public io.smsmux.v1.CreateStopListEntryResponse createStopListEntry(io.smsmux.v1.CreateStopListEntryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateStopListEntryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the numbers on the stop list.
     * </pre>
     */
    public io.smsmux.v1.ListStopListEntriesResponse listStopListEntries(io.smsmux.v1.ListStopListEntriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListStopListEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes a number off the stop list, so that it gets messages again.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.DeleteStopListEntryResponse deleteStopListEntry(io.smsmux.v1.DeleteStopListEntryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteStopListEntryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service StopListService.
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public static final class StopListServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<StopListServiceBlockingStub> {
    private StopListServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StopListServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StopListServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Puts a number on the stop list.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED; RESOURCE_EXISTS where the vendor says that it is on the list.
     * </pre>
     */
    public io.smsmux.v1.CreateStopListEntryResponse createStopListEntry(io.smsmux.v1.CreateStopListEntryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateStopListEntryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the numbers on the stop list.
     * </pre>
     */
    public io.smsmux.v1.ListStopListEntriesResponse listStopListEntries(io.smsmux.v1.ListStopListEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListStopListEntriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes a number off the stop list, so that it gets messages again.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.DeleteStopListEntryResponse deleteStopListEntry(io.smsmux.v1.DeleteStopListEntryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteStopListEntryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service StopListService.
   * <pre>
   * The stop list: numbers that opted out and get no messages.
   * </pre>
   */
  public static final class StopListServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<StopListServiceFutureStub> {
    private StopListServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StopListServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StopListServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Puts a number on the stop list.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED; RESOURCE_EXISTS where the vendor says that it is on the list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateStopListEntryResponse> createStopListEntry(
        io.smsmux.v1.CreateStopListEntryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateStopListEntryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the numbers on the stop list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListStopListEntriesResponse> listStopListEntries(
        io.smsmux.v1.ListStopListEntriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListStopListEntriesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes a number off the stop list, so that it gets messages again.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.DeleteStopListEntryResponse> deleteStopListEntry(
        io.smsmux.v1.DeleteStopListEntryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteStopListEntryMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_STOP_LIST_ENTRY = 0;
  private static final int METHODID_LIST_STOP_LIST_ENTRIES = 1;
  private static final int METHODID_DELETE_STOP_LIST_ENTRY = 2;

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
        case METHODID_CREATE_STOP_LIST_ENTRY:
          serviceImpl.createStopListEntry((io.smsmux.v1.CreateStopListEntryRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateStopListEntryResponse>) responseObserver);
          break;
        case METHODID_LIST_STOP_LIST_ENTRIES:
          serviceImpl.listStopListEntries((io.smsmux.v1.ListStopListEntriesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListStopListEntriesResponse>) responseObserver);
          break;
        case METHODID_DELETE_STOP_LIST_ENTRY:
          serviceImpl.deleteStopListEntry((io.smsmux.v1.DeleteStopListEntryRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteStopListEntryResponse>) responseObserver);
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
          getCreateStopListEntryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateStopListEntryRequest,
              io.smsmux.v1.CreateStopListEntryResponse>(
                service, METHODID_CREATE_STOP_LIST_ENTRY)))
        .addMethod(
          getListStopListEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListStopListEntriesRequest,
              io.smsmux.v1.ListStopListEntriesResponse>(
                service, METHODID_LIST_STOP_LIST_ENTRIES)))
        .addMethod(
          getDeleteStopListEntryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.DeleteStopListEntryRequest,
              io.smsmux.v1.DeleteStopListEntryResponse>(
                service, METHODID_DELETE_STOP_LIST_ENTRY)))
        .build();
  }

  private static abstract class StopListServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    StopListServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.StopListServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("StopListService");
    }
  }

  private static final class StopListServiceFileDescriptorSupplier
      extends StopListServiceBaseDescriptorSupplier {
    StopListServiceFileDescriptorSupplier() {}
  }

  private static final class StopListServiceMethodDescriptorSupplier
      extends StopListServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    StopListServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (StopListServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new StopListServiceFileDescriptorSupplier())
              .addMethod(getCreateStopListEntryMethod())
              .addMethod(getListStopListEntriesMethod())
              .addMethod(getDeleteStopListEntryMethod())
              .build();
        }
      }
    }
    return result;
  }
}
