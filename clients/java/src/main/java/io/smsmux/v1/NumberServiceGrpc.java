package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class NumberServiceGrpc {

  private NumberServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.NumberService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ProvisionNumberRequest,
      io.smsmux.v1.ProvisionNumberResponse> getProvisionNumberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ProvisionNumber",
      requestType = io.smsmux.v1.ProvisionNumberRequest.class,
      responseType = io.smsmux.v1.ProvisionNumberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ProvisionNumberRequest,
      io.smsmux.v1.ProvisionNumberResponse> getProvisionNumberMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ProvisionNumberRequest, io.smsmux.v1.ProvisionNumberResponse> getProvisionNumberMethod;
    if ((getProvisionNumberMethod = NumberServiceGrpc.getProvisionNumberMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getProvisionNumberMethod = NumberServiceGrpc.getProvisionNumberMethod) == null) {
          NumberServiceGrpc.getProvisionNumberMethod = getProvisionNumberMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ProvisionNumberRequest, io.smsmux.v1.ProvisionNumberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ProvisionNumber"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ProvisionNumberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ProvisionNumberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("ProvisionNumber"))
              .build();
        }
      }
    }
    return getProvisionNumberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.DeprovisionNumberRequest,
      io.smsmux.v1.DeprovisionNumberResponse> getDeprovisionNumberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeprovisionNumber",
      requestType = io.smsmux.v1.DeprovisionNumberRequest.class,
      responseType = io.smsmux.v1.DeprovisionNumberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.DeprovisionNumberRequest,
      io.smsmux.v1.DeprovisionNumberResponse> getDeprovisionNumberMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.DeprovisionNumberRequest, io.smsmux.v1.DeprovisionNumberResponse> getDeprovisionNumberMethod;
    if ((getDeprovisionNumberMethod = NumberServiceGrpc.getDeprovisionNumberMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getDeprovisionNumberMethod = NumberServiceGrpc.getDeprovisionNumberMethod) == null) {
          NumberServiceGrpc.getDeprovisionNumberMethod = getDeprovisionNumberMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.DeprovisionNumberRequest, io.smsmux.v1.DeprovisionNumberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeprovisionNumber"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeprovisionNumberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeprovisionNumberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("DeprovisionNumber"))
              .build();
        }
      }
    }
    return getDeprovisionNumberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberProvisioningRequest,
      io.smsmux.v1.GetNumberProvisioningResponse> getGetNumberProvisioningMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetNumberProvisioning",
      requestType = io.smsmux.v1.GetNumberProvisioningRequest.class,
      responseType = io.smsmux.v1.GetNumberProvisioningResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberProvisioningRequest,
      io.smsmux.v1.GetNumberProvisioningResponse> getGetNumberProvisioningMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberProvisioningRequest, io.smsmux.v1.GetNumberProvisioningResponse> getGetNumberProvisioningMethod;
    if ((getGetNumberProvisioningMethod = NumberServiceGrpc.getGetNumberProvisioningMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getGetNumberProvisioningMethod = NumberServiceGrpc.getGetNumberProvisioningMethod) == null) {
          NumberServiceGrpc.getGetNumberProvisioningMethod = getGetNumberProvisioningMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetNumberProvisioningRequest, io.smsmux.v1.GetNumberProvisioningResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetNumberProvisioning"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetNumberProvisioningRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetNumberProvisioningResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("GetNumberProvisioning"))
              .build();
        }
      }
    }
    return getGetNumberProvisioningMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SetNumberWebhookRequest,
      io.smsmux.v1.SetNumberWebhookResponse> getSetNumberWebhookMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetNumberWebhook",
      requestType = io.smsmux.v1.SetNumberWebhookRequest.class,
      responseType = io.smsmux.v1.SetNumberWebhookResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SetNumberWebhookRequest,
      io.smsmux.v1.SetNumberWebhookResponse> getSetNumberWebhookMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SetNumberWebhookRequest, io.smsmux.v1.SetNumberWebhookResponse> getSetNumberWebhookMethod;
    if ((getSetNumberWebhookMethod = NumberServiceGrpc.getSetNumberWebhookMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getSetNumberWebhookMethod = NumberServiceGrpc.getSetNumberWebhookMethod) == null) {
          NumberServiceGrpc.getSetNumberWebhookMethod = getSetNumberWebhookMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SetNumberWebhookRequest, io.smsmux.v1.SetNumberWebhookResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetNumberWebhook"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SetNumberWebhookRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SetNumberWebhookResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("SetNumberWebhook"))
              .build();
        }
      }
    }
    return getSetNumberWebhookMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberWebhookRequest,
      io.smsmux.v1.GetNumberWebhookResponse> getGetNumberWebhookMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetNumberWebhook",
      requestType = io.smsmux.v1.GetNumberWebhookRequest.class,
      responseType = io.smsmux.v1.GetNumberWebhookResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberWebhookRequest,
      io.smsmux.v1.GetNumberWebhookResponse> getGetNumberWebhookMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetNumberWebhookRequest, io.smsmux.v1.GetNumberWebhookResponse> getGetNumberWebhookMethod;
    if ((getGetNumberWebhookMethod = NumberServiceGrpc.getGetNumberWebhookMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getGetNumberWebhookMethod = NumberServiceGrpc.getGetNumberWebhookMethod) == null) {
          NumberServiceGrpc.getGetNumberWebhookMethod = getGetNumberWebhookMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetNumberWebhookRequest, io.smsmux.v1.GetNumberWebhookResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetNumberWebhook"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetNumberWebhookRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetNumberWebhookResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("GetNumberWebhook"))
              .build();
        }
      }
    }
    return getGetNumberWebhookMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.UpdatePhoneServiceSettingsRequest,
      io.smsmux.v1.UpdatePhoneServiceSettingsResponse> getUpdatePhoneServiceSettingsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdatePhoneServiceSettings",
      requestType = io.smsmux.v1.UpdatePhoneServiceSettingsRequest.class,
      responseType = io.smsmux.v1.UpdatePhoneServiceSettingsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.UpdatePhoneServiceSettingsRequest,
      io.smsmux.v1.UpdatePhoneServiceSettingsResponse> getUpdatePhoneServiceSettingsMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.UpdatePhoneServiceSettingsRequest, io.smsmux.v1.UpdatePhoneServiceSettingsResponse> getUpdatePhoneServiceSettingsMethod;
    if ((getUpdatePhoneServiceSettingsMethod = NumberServiceGrpc.getUpdatePhoneServiceSettingsMethod) == null) {
      synchronized (NumberServiceGrpc.class) {
        if ((getUpdatePhoneServiceSettingsMethod = NumberServiceGrpc.getUpdatePhoneServiceSettingsMethod) == null) {
          NumberServiceGrpc.getUpdatePhoneServiceSettingsMethod = getUpdatePhoneServiceSettingsMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.UpdatePhoneServiceSettingsRequest, io.smsmux.v1.UpdatePhoneServiceSettingsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdatePhoneServiceSettings"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdatePhoneServiceSettingsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdatePhoneServiceSettingsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NumberServiceMethodDescriptorSupplier("UpdatePhoneServiceSettings"))
              .build();
        }
      }
    }
    return getUpdatePhoneServiceSettingsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static NumberServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NumberServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NumberServiceStub>() {
        @java.lang.Override
        public NumberServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NumberServiceStub(channel, callOptions);
        }
      };
    return NumberServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static NumberServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NumberServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NumberServiceBlockingV2Stub>() {
        @java.lang.Override
        public NumberServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NumberServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return NumberServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static NumberServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NumberServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NumberServiceBlockingStub>() {
        @java.lang.Override
        public NumberServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NumberServiceBlockingStub(channel, callOptions);
        }
      };
    return NumberServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static NumberServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NumberServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NumberServiceFutureStub>() {
        @java.lang.Override
        public NumberServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NumberServiceFutureStub(channel, callOptions);
        }
      };
    return NumberServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    default void provisionNumber(io.smsmux.v1.ProvisionNumberRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ProvisionNumberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getProvisionNumberMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    default void deprovisionNumber(io.smsmux.v1.DeprovisionNumberRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeprovisionNumberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeprovisionNumberMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells how far the enabling or disabling of SMS is.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    default void getNumberProvisioning(io.smsmux.v1.GetNumberProvisioningRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberProvisioningResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetNumberProvisioningMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    default void setNumberWebhook(io.smsmux.v1.SetNumberWebhookRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SetNumberWebhookResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetNumberWebhookMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells the address that received SMS of a long code are sent to.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    default void getNumberWebhook(io.smsmux.v1.GetNumberWebhookRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberWebhookResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetNumberWebhookMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void updatePhoneServiceSettings(io.smsmux.v1.UpdatePhoneServiceSettingsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdatePhoneServiceSettingsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdatePhoneServiceSettingsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service NumberService.
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public static abstract class NumberServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return NumberServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service NumberService.
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public static final class NumberServiceStub
      extends io.grpc.stub.AbstractAsyncStub<NumberServiceStub> {
    private NumberServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NumberServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NumberServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public void provisionNumber(io.smsmux.v1.ProvisionNumberRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ProvisionNumberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getProvisionNumberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public void deprovisionNumber(io.smsmux.v1.DeprovisionNumberRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeprovisionNumberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeprovisionNumberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells how far the enabling or disabling of SMS is.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public void getNumberProvisioning(io.smsmux.v1.GetNumberProvisioningRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberProvisioningResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetNumberProvisioningMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public void setNumberWebhook(io.smsmux.v1.SetNumberWebhookRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SetNumberWebhookResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetNumberWebhookMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells the address that received SMS of a long code are sent to.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public void getNumberWebhook(io.smsmux.v1.GetNumberWebhookRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberWebhookResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetNumberWebhookMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void updatePhoneServiceSettings(io.smsmux.v1.UpdatePhoneServiceSettingsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdatePhoneServiceSettingsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdatePhoneServiceSettingsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service NumberService.
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public static final class NumberServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<NumberServiceBlockingV2Stub> {
    private NumberServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NumberServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NumberServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public io.smsmux.v1.ProvisionNumberResponse provisionNumber(io.smsmux.v1.ProvisionNumberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getProvisionNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public io.smsmux.v1.DeprovisionNumberResponse deprovisionNumber(io.smsmux.v1.DeprovisionNumberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeprovisionNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells how far the enabling or disabling of SMS is.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.GetNumberProvisioningResponse getNumberProvisioning(io.smsmux.v1.GetNumberProvisioningRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetNumberProvisioningMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.SetNumberWebhookResponse setNumberWebhook(io.smsmux.v1.SetNumberWebhookRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetNumberWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells the address that received SMS of a long code are sent to.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.GetNumberWebhookResponse getNumberWebhook(io.smsmux.v1.GetNumberWebhookRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetNumberWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.UpdatePhoneServiceSettingsResponse updatePhoneServiceSettings(io.smsmux.v1.UpdatePhoneServiceSettingsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdatePhoneServiceSettingsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service NumberService.
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public static final class NumberServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<NumberServiceBlockingStub> {
    private NumberServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NumberServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NumberServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public io.smsmux.v1.ProvisionNumberResponse provisionNumber(io.smsmux.v1.ProvisionNumberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getProvisionNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public io.smsmux.v1.DeprovisionNumberResponse deprovisionNumber(io.smsmux.v1.DeprovisionNumberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeprovisionNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells how far the enabling or disabling of SMS is.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.GetNumberProvisioningResponse getNumberProvisioning(io.smsmux.v1.GetNumberProvisioningRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetNumberProvisioningMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.SetNumberWebhookResponse setNumberWebhook(io.smsmux.v1.SetNumberWebhookRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetNumberWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells the address that received SMS of a long code are sent to.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public io.smsmux.v1.GetNumberWebhookResponse getNumberWebhook(io.smsmux.v1.GetNumberWebhookRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetNumberWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.UpdatePhoneServiceSettingsResponse updatePhoneServiceSettings(io.smsmux.v1.UpdatePhoneServiceSettingsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdatePhoneServiceSettingsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service NumberService.
   * <pre>
   * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
   * </pre>
   */
  public static final class NumberServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<NumberServiceFutureStub> {
    private NumberServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NumberServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NumberServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ProvisionNumberResponse> provisionNumber(
        io.smsmux.v1.ProvisionNumberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getProvisionNumberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.DeprovisionNumberResponse> deprovisionNumber(
        io.smsmux.v1.DeprovisionNumberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeprovisionNumberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells how far the enabling or disabling of SMS is.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetNumberProvisioningResponse> getNumberProvisioning(
        io.smsmux.v1.GetNumberProvisioningRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetNumberProvisioningMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SetNumberWebhookResponse> setNumberWebhook(
        io.smsmux.v1.SetNumberWebhookRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetNumberWebhookMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells the address that received SMS of a long code are sent to.
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetNumberWebhookResponse> getNumberWebhook(
        io.smsmux.v1.GetNumberWebhookRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetNumberWebhookMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.UpdatePhoneServiceSettingsResponse> updatePhoneServiceSettings(
        io.smsmux.v1.UpdatePhoneServiceSettingsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdatePhoneServiceSettingsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PROVISION_NUMBER = 0;
  private static final int METHODID_DEPROVISION_NUMBER = 1;
  private static final int METHODID_GET_NUMBER_PROVISIONING = 2;
  private static final int METHODID_SET_NUMBER_WEBHOOK = 3;
  private static final int METHODID_GET_NUMBER_WEBHOOK = 4;
  private static final int METHODID_UPDATE_PHONE_SERVICE_SETTINGS = 5;

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
        case METHODID_PROVISION_NUMBER:
          serviceImpl.provisionNumber((io.smsmux.v1.ProvisionNumberRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ProvisionNumberResponse>) responseObserver);
          break;
        case METHODID_DEPROVISION_NUMBER:
          serviceImpl.deprovisionNumber((io.smsmux.v1.DeprovisionNumberRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.DeprovisionNumberResponse>) responseObserver);
          break;
        case METHODID_GET_NUMBER_PROVISIONING:
          serviceImpl.getNumberProvisioning((io.smsmux.v1.GetNumberProvisioningRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberProvisioningResponse>) responseObserver);
          break;
        case METHODID_SET_NUMBER_WEBHOOK:
          serviceImpl.setNumberWebhook((io.smsmux.v1.SetNumberWebhookRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SetNumberWebhookResponse>) responseObserver);
          break;
        case METHODID_GET_NUMBER_WEBHOOK:
          serviceImpl.getNumberWebhook((io.smsmux.v1.GetNumberWebhookRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetNumberWebhookResponse>) responseObserver);
          break;
        case METHODID_UPDATE_PHONE_SERVICE_SETTINGS:
          serviceImpl.updatePhoneServiceSettings((io.smsmux.v1.UpdatePhoneServiceSettingsRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.UpdatePhoneServiceSettingsResponse>) responseObserver);
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
          getProvisionNumberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ProvisionNumberRequest,
              io.smsmux.v1.ProvisionNumberResponse>(
                service, METHODID_PROVISION_NUMBER)))
        .addMethod(
          getDeprovisionNumberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.DeprovisionNumberRequest,
              io.smsmux.v1.DeprovisionNumberResponse>(
                service, METHODID_DEPROVISION_NUMBER)))
        .addMethod(
          getGetNumberProvisioningMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetNumberProvisioningRequest,
              io.smsmux.v1.GetNumberProvisioningResponse>(
                service, METHODID_GET_NUMBER_PROVISIONING)))
        .addMethod(
          getSetNumberWebhookMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SetNumberWebhookRequest,
              io.smsmux.v1.SetNumberWebhookResponse>(
                service, METHODID_SET_NUMBER_WEBHOOK)))
        .addMethod(
          getGetNumberWebhookMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetNumberWebhookRequest,
              io.smsmux.v1.GetNumberWebhookResponse>(
                service, METHODID_GET_NUMBER_WEBHOOK)))
        .addMethod(
          getUpdatePhoneServiceSettingsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.UpdatePhoneServiceSettingsRequest,
              io.smsmux.v1.UpdatePhoneServiceSettingsResponse>(
                service, METHODID_UPDATE_PHONE_SERVICE_SETTINGS)))
        .build();
  }

  private static abstract class NumberServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    NumberServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.NumberServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("NumberService");
    }
  }

  private static final class NumberServiceFileDescriptorSupplier
      extends NumberServiceBaseDescriptorSupplier {
    NumberServiceFileDescriptorSupplier() {}
  }

  private static final class NumberServiceMethodDescriptorSupplier
      extends NumberServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    NumberServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (NumberServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new NumberServiceFileDescriptorSupplier())
              .addMethod(getProvisionNumberMethod())
              .addMethod(getDeprovisionNumberMethod())
              .addMethod(getGetNumberProvisioningMethod())
              .addMethod(getSetNumberWebhookMethod())
              .addMethod(getGetNumberWebhookMethod())
              .addMethod(getUpdatePhoneServiceSettingsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
