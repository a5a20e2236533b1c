package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AccountServiceGrpc {

  private AccountServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.AccountService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListAccountsRequest,
      io.smsmux.v1.ListAccountsResponse> getListAccountsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAccounts",
      requestType = io.smsmux.v1.ListAccountsRequest.class,
      responseType = io.smsmux.v1.ListAccountsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListAccountsRequest,
      io.smsmux.v1.ListAccountsResponse> getListAccountsMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListAccountsRequest, io.smsmux.v1.ListAccountsResponse> getListAccountsMethod;
    if ((getListAccountsMethod = AccountServiceGrpc.getListAccountsMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getListAccountsMethod = AccountServiceGrpc.getListAccountsMethod) == null) {
          AccountServiceGrpc.getListAccountsMethod = getListAccountsMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListAccountsRequest, io.smsmux.v1.ListAccountsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAccounts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListAccountsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListAccountsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ListAccounts"))
              .build();
        }
      }
    }
    return getListAccountsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountRequest,
      io.smsmux.v1.GetAccountResponse> getGetAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetAccount",
      requestType = io.smsmux.v1.GetAccountRequest.class,
      responseType = io.smsmux.v1.GetAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountRequest,
      io.smsmux.v1.GetAccountResponse> getGetAccountMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountRequest, io.smsmux.v1.GetAccountResponse> getGetAccountMethod;
    if ((getGetAccountMethod = AccountServiceGrpc.getGetAccountMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getGetAccountMethod = AccountServiceGrpc.getGetAccountMethod) == null) {
          AccountServiceGrpc.getGetAccountMethod = getGetAccountMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetAccountRequest, io.smsmux.v1.GetAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("GetAccount"))
              .build();
        }
      }
    }
    return getGetAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetDashboardUrlRequest,
      io.smsmux.v1.GetDashboardUrlResponse> getGetDashboardUrlMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetDashboardUrl",
      requestType = io.smsmux.v1.GetDashboardUrlRequest.class,
      responseType = io.smsmux.v1.GetDashboardUrlResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetDashboardUrlRequest,
      io.smsmux.v1.GetDashboardUrlResponse> getGetDashboardUrlMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetDashboardUrlRequest, io.smsmux.v1.GetDashboardUrlResponse> getGetDashboardUrlMethod;
    if ((getGetDashboardUrlMethod = AccountServiceGrpc.getGetDashboardUrlMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getGetDashboardUrlMethod = AccountServiceGrpc.getGetDashboardUrlMethod) == null) {
          AccountServiceGrpc.getGetDashboardUrlMethod = getGetDashboardUrlMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetDashboardUrlRequest, io.smsmux.v1.GetDashboardUrlResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetDashboardUrl"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetDashboardUrlRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetDashboardUrlResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("GetDashboardUrl"))
              .build();
        }
      }
    }
    return getGetDashboardUrlMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountStatusRequest,
      io.smsmux.v1.GetAccountStatusResponse> getGetAccountStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetAccountStatus",
      requestType = io.smsmux.v1.GetAccountStatusRequest.class,
      responseType = io.smsmux.v1.GetAccountStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountStatusRequest,
      io.smsmux.v1.GetAccountStatusResponse> getGetAccountStatusMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetAccountStatusRequest, io.smsmux.v1.GetAccountStatusResponse> getGetAccountStatusMethod;
    if ((getGetAccountStatusMethod = AccountServiceGrpc.getGetAccountStatusMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getGetAccountStatusMethod = AccountServiceGrpc.getGetAccountStatusMethod) == null) {
          AccountServiceGrpc.getGetAccountStatusMethod = getGetAccountStatusMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetAccountStatusRequest, io.smsmux.v1.GetAccountStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetAccountStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAccountStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAccountStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("GetAccountStatus"))
              .build();
        }
      }
    }
    return getGetAccountStatusMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AccountServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceStub>() {
        @java.lang.Override
        public AccountServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceStub(channel, callOptions);
        }
      };
    return AccountServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AccountServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingV2Stub>() {
        @java.lang.Override
        public AccountServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AccountServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AccountServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingStub>() {
        @java.lang.Override
        public AccountServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceBlockingStub(channel, callOptions);
        }
      };
    return AccountServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AccountServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceFutureStub>() {
        @java.lang.Override
        public AccountServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceFutureStub(channel, callOptions);
        }
      };
    return AccountServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the configured accounts, by name. Answered by smsmux itself.
     * </pre>
     */
    default void listAccounts(io.smsmux.v1.ListAccountsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListAccountsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAccountsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells an account's vendor and which RPCs it supports. Answered by smsmux itself.
     * </pre>
     */
    default void getAccount(io.smsmux.v1.GetAccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets the address of the vendor's web dashboard, logged in.
     * </pre>
     */
    default void getDashboardUrl(io.smsmux.v1.GetDashboardUrlRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetDashboardUrlResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetDashboardUrlMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells what the account has left at the vendor: money, message credits, e-mail plan.
     * </pre>
     */
    default void getAccountStatus(io.smsmux.v1.GetAccountStatusRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetAccountStatusMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AccountService.
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public static abstract class AccountServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AccountServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AccountService.
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public static final class AccountServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AccountServiceStub> {
    private AccountServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the configured accounts, by name. Answered by smsmux itself.
     * </pre>
     */
    public void listAccounts(io.smsmux.v1.ListAccountsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListAccountsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAccountsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells an account's vendor and which RPCs it supports. Answered by smsmux itself.
     * </pre>
     */
    public void getAccount(io.smsmux.v1.GetAccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets the address of the vendor's web dashboard, logged in.
     * </pre>
     */
    public void getDashboardUrl(io.smsmux.v1.GetDashboardUrlRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetDashboardUrlResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetDashboardUrlMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells what the account has left at the vendor: money, message credits, e-mail plan.
     * </pre>
     */
    public void getAccountStatus(io.smsmux.v1.GetAccountStatusRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetAccountStatusMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AccountService.
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public static final class AccountServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AccountServiceBlockingV2Stub> {
    private AccountServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the configured accounts, by name. Answered by smsmux itself.
     * </pre>
     */
    public io.smsmux.v1.ListAccountsResponse listAccounts(io.smsmux.v1.ListAccountsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells an account's vendor and which RPCs it supports. Answered by smsmux itself.
     * </pre>
     */
    public io.smsmux.v1.GetAccountResponse getAccount(io.smsmux.v1.GetAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets the address of the vendor's web dashboard, logged in.
     * </pre>
     */
    public io.smsmux.v1.GetDashboardUrlResponse getDashboardUrl(io.smsmux.v1.GetDashboardUrlRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetDashboardUrlMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what the account has left at the vendor: money, message credits, e-mail plan.
     * </pre>
     */
    public io.smsmux.v1.GetAccountStatusResponse getAccountStatus(io.smsmux.v1.GetAccountStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetAccountStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AccountService.
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public static final class AccountServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AccountServiceBlockingStub> {
    private AccountServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the configured accounts, by name. Answered by smsmux itself.
     * </pre>
     */
    public io.smsmux.v1.ListAccountsResponse listAccounts(io.smsmux.v1.ListAccountsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells an account's vendor and which RPCs it supports. Answered by smsmux itself.
     * </pre>
     */
    public io.smsmux.v1.GetAccountResponse getAccount(io.smsmux.v1.GetAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets the address of the vendor's web dashboard, logged in.
     * </pre>
     */
    public io.smsmux.v1.GetDashboardUrlResponse getDashboardUrl(io.smsmux.v1.GetDashboardUrlRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetDashboardUrlMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what the account has left at the vendor: money, message credits, e-mail plan.
     * </pre>
     */
    public io.smsmux.v1.GetAccountStatusResponse getAccountStatus(io.smsmux.v1.GetAccountStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetAccountStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AccountService.
   * <pre>
   * The accounts that smsmux is configured with, each one connection to one vendor, and what they have left.
   * </pre>
   */
  public static final class AccountServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AccountServiceFutureStub> {
    private AccountServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the configured accounts, by name. Answered by smsmux itself.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListAccountsResponse> listAccounts(
        io.smsmux.v1.ListAccountsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAccountsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells an account's vendor and which RPCs it supports. Answered by smsmux itself.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetAccountResponse> getAccount(
        io.smsmux.v1.GetAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets the address of the vendor's web dashboard, logged in.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetDashboardUrlResponse> getDashboardUrl(
        io.smsmux.v1.GetDashboardUrlRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetDashboardUrlMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells what the account has left at the vendor: money, message credits, e-mail plan.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetAccountStatusResponse> getAccountStatus(
        io.smsmux.v1.GetAccountStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetAccountStatusMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_ACCOUNTS = 0;
  private static final int METHODID_GET_ACCOUNT = 1;
  private static final int METHODID_GET_DASHBOARD_URL = 2;
  private static final int METHODID_GET_ACCOUNT_STATUS = 3;

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
        case METHODID_LIST_ACCOUNTS:
          serviceImpl.listAccounts((io.smsmux.v1.ListAccountsRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListAccountsResponse>) responseObserver);
          break;
        case METHODID_GET_ACCOUNT:
          serviceImpl.getAccount((io.smsmux.v1.GetAccountRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountResponse>) responseObserver);
          break;
        case METHODID_GET_DASHBOARD_URL:
          serviceImpl.getDashboardUrl((io.smsmux.v1.GetDashboardUrlRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetDashboardUrlResponse>) responseObserver);
          break;
        case METHODID_GET_ACCOUNT_STATUS:
          serviceImpl.getAccountStatus((io.smsmux.v1.GetAccountStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetAccountStatusResponse>) responseObserver);
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
          getListAccountsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListAccountsRequest,
              io.smsmux.v1.ListAccountsResponse>(
                service, METHODID_LIST_ACCOUNTS)))
        .addMethod(
          getGetAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetAccountRequest,
              io.smsmux.v1.GetAccountResponse>(
                service, METHODID_GET_ACCOUNT)))
        .addMethod(
          getGetDashboardUrlMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetDashboardUrlRequest,
              io.smsmux.v1.GetDashboardUrlResponse>(
                service, METHODID_GET_DASHBOARD_URL)))
        .addMethod(
          getGetAccountStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetAccountStatusRequest,
              io.smsmux.v1.GetAccountStatusResponse>(
                service, METHODID_GET_ACCOUNT_STATUS)))
        .build();
  }

  private static abstract class AccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AccountServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.AccountServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AccountService");
    }
  }

  private static final class AccountServiceFileDescriptorSupplier
      extends AccountServiceBaseDescriptorSupplier {
    AccountServiceFileDescriptorSupplier() {}
  }

  private static final class AccountServiceMethodDescriptorSupplier
      extends AccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AccountServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AccountServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AccountServiceFileDescriptorSupplier())
              .addMethod(getListAccountsMethod())
              .addMethod(getGetAccountMethod())
              .addMethod(getGetDashboardUrlMethod())
              .addMethod(getGetAccountStatusMethod())
              .build();
        }
      }
    }
    return result;
  }
}
