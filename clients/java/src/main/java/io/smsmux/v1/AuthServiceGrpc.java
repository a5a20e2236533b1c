package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Credentials at the vendor: log in with a credential of your own, check it, change its password.
 * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
 * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
 * calls; the account must say `allow_caller_credential = true`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AuthServiceGrpc {

  private AuthServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.AuthService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateSessionRequest,
      io.smsmux.v1.CreateSessionResponse> getCreateSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSession",
      requestType = io.smsmux.v1.CreateSessionRequest.class,
      responseType = io.smsmux.v1.CreateSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateSessionRequest,
      io.smsmux.v1.CreateSessionResponse> getCreateSessionMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateSessionRequest, io.smsmux.v1.CreateSessionResponse> getCreateSessionMethod;
    if ((getCreateSessionMethod = AuthServiceGrpc.getCreateSessionMethod) == null) {
      synchronized (AuthServiceGrpc.class) {
        if ((getCreateSessionMethod = AuthServiceGrpc.getCreateSessionMethod) == null) {
          AuthServiceGrpc.getCreateSessionMethod = getCreateSessionMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateSessionRequest, io.smsmux.v1.CreateSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuthServiceMethodDescriptorSupplier("CreateSession"))
              .build();
        }
      }
    }
    return getCreateSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateAccessTokenRequest,
      io.smsmux.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateAccessToken",
      requestType = io.smsmux.v1.CreateAccessTokenRequest.class,
      responseType = io.smsmux.v1.CreateAccessTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateAccessTokenRequest,
      io.smsmux.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateAccessTokenRequest, io.smsmux.v1.CreateAccessTokenResponse> getCreateAccessTokenMethod;
    if ((getCreateAccessTokenMethod = AuthServiceGrpc.getCreateAccessTokenMethod) == null) {
      synchronized (AuthServiceGrpc.class) {
        if ((getCreateAccessTokenMethod = AuthServiceGrpc.getCreateAccessTokenMethod) == null) {
          AuthServiceGrpc.getCreateAccessTokenMethod = getCreateAccessTokenMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateAccessTokenRequest, io.smsmux.v1.CreateAccessTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateAccessToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateAccessTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateAccessTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuthServiceMethodDescriptorSupplier("CreateAccessToken"))
              .build();
        }
      }
    }
    return getCreateAccessTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.VerifySessionRequest,
      io.smsmux.v1.VerifySessionResponse> getVerifySessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifySession",
      requestType = io.smsmux.v1.VerifySessionRequest.class,
      responseType = io.smsmux.v1.VerifySessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.VerifySessionRequest,
      io.smsmux.v1.VerifySessionResponse> getVerifySessionMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.VerifySessionRequest, io.smsmux.v1.VerifySessionResponse> getVerifySessionMethod;
    if ((getVerifySessionMethod = AuthServiceGrpc.getVerifySessionMethod) == null) {
      synchronized (AuthServiceGrpc.class) {
        if ((getVerifySessionMethod = AuthServiceGrpc.getVerifySessionMethod) == null) {
          AuthServiceGrpc.getVerifySessionMethod = getVerifySessionMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.VerifySessionRequest, io.smsmux.v1.VerifySessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifySession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.VerifySessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.VerifySessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuthServiceMethodDescriptorSupplier("VerifySession"))
              .build();
        }
      }
    }
    return getVerifySessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ResetPasswordRequest,
      io.smsmux.v1.ResetPasswordResponse> getResetPasswordMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResetPassword",
      requestType = io.smsmux.v1.ResetPasswordRequest.class,
      responseType = io.smsmux.v1.ResetPasswordResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ResetPasswordRequest,
      io.smsmux.v1.ResetPasswordResponse> getResetPasswordMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ResetPasswordRequest, io.smsmux.v1.ResetPasswordResponse> getResetPasswordMethod;
    if ((getResetPasswordMethod = AuthServiceGrpc.getResetPasswordMethod) == null) {
      synchronized (AuthServiceGrpc.class) {
        if ((getResetPasswordMethod = AuthServiceGrpc.getResetPasswordMethod) == null) {
          AuthServiceGrpc.getResetPasswordMethod = getResetPasswordMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ResetPasswordRequest, io.smsmux.v1.ResetPasswordResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResetPassword"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ResetPasswordRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ResetPasswordResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AuthServiceMethodDescriptorSupplier("ResetPassword"))
              .build();
        }
      }
    }
    return getResetPasswordMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AuthServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuthServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuthServiceStub>() {
        @java.lang.Override
        public AuthServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuthServiceStub(channel, callOptions);
        }
      };
    return AuthServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AuthServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuthServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuthServiceBlockingV2Stub>() {
        @java.lang.Override
        public AuthServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuthServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AuthServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AuthServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuthServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuthServiceBlockingStub>() {
        @java.lang.Override
        public AuthServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuthServiceBlockingStub(channel, callOptions);
        }
      };
    return AuthServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AuthServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AuthServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AuthServiceFutureStub>() {
        @java.lang.Override
        public AuthServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AuthServiceFutureStub(channel, callOptions);
        }
      };
    return AuthServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    default void createSession(io.smsmux.v1.CreateSessionRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a token that lasts.
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    default void createAccessToken(io.smsmux.v1.CreateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateAccessTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
     * </pre>
     */
    default void verifySession(io.smsmux.v1.VerifySessionRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.VerifySessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifySessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     * Errors: STATE_CONFLICT when the vendor declines to change it.
     * </pre>
     */
    default void resetPassword(io.smsmux.v1.ResetPasswordRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ResetPasswordResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResetPasswordMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AuthService.
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public static abstract class AuthServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AuthServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AuthService.
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public static final class AuthServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AuthServiceStub> {
    private AuthServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuthServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuthServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public void createSession(io.smsmux.v1.CreateSessionRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a token that lasts.
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public void createAccessToken(io.smsmux.v1.CreateAccessTokenRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAccessTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateAccessTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
     * </pre>
     */
    public void verifySession(io.smsmux.v1.VerifySessionRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.VerifySessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getVerifySessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     * Errors: STATE_CONFLICT when the vendor declines to change it.
     * </pre>
     */
    public void resetPassword(io.smsmux.v1.ResetPasswordRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ResetPasswordResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResetPasswordMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AuthService.
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public static final class AuthServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AuthServiceBlockingV2Stub> {
    private AuthServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuthServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuthServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public io.smsmux.v1.CreateSessionResponse createSession(io.smsmux.v1.CreateSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a token that lasts.
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public io.smsmux.v1.CreateAccessTokenResponse createAccessToken(io.smsmux.v1.CreateAccessTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
     * </pre>
     */
    public io.smsmux.v1.VerifySessionResponse verifySession(io.smsmux.v1.VerifySessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getVerifySessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     * Errors: STATE_CONFLICT when the vendor declines to change it.
     * </pre>
     */
    public io.smsmux.v1.ResetPasswordResponse resetPassword(io.smsmux.v1.ResetPasswordRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResetPasswordMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AuthService.
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public static final class AuthServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AuthServiceBlockingStub> {
    private AuthServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuthServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuthServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public io.smsmux.v1.CreateSessionResponse createSession(io.smsmux.v1.CreateSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a token that lasts.
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public io.smsmux.v1.CreateAccessTokenResponse createAccessToken(io.smsmux.v1.CreateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateAccessTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
     * </pre>
     */
    public io.smsmux.v1.VerifySessionResponse verifySession(io.smsmux.v1.VerifySessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getVerifySessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     * Errors: STATE_CONFLICT when the vendor declines to change it.
     * </pre>
     */
    public io.smsmux.v1.ResetPasswordResponse resetPassword(io.smsmux.v1.ResetPasswordRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResetPasswordMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AuthService.
   * <pre>
   * Credentials at the vendor: log in with a credential of your own, check it, change its password.
   * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
   * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
   * calls; the account must say `allow_caller_credential = true`.
   * </pre>
   */
  public static final class AuthServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AuthServiceFutureStub> {
    private AuthServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AuthServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AuthServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateSessionResponse> createSession(
        io.smsmux.v1.CreateSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Logs in with a username and a password, for a token that lasts.
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateAccessTokenResponse> createAccessToken(
        io.smsmux.v1.CreateAccessTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateAccessTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.VerifySessionResponse> verifySession(
        io.smsmux.v1.VerifySessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getVerifySessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     * Errors: STATE_CONFLICT when the vendor declines to change it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ResetPasswordResponse> resetPassword(
        io.smsmux.v1.ResetPasswordRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResetPasswordMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SESSION = 0;
  private static final int METHODID_CREATE_ACCESS_TOKEN = 1;
  private static final int METHODID_VERIFY_SESSION = 2;
  private static final int METHODID_RESET_PASSWORD = 3;

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
        case METHODID_CREATE_SESSION:
          serviceImpl.createSession((io.smsmux.v1.CreateSessionRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSessionResponse>) responseObserver);
          break;
        case METHODID_CREATE_ACCESS_TOKEN:
          serviceImpl.createAccessToken((io.smsmux.v1.CreateAccessTokenRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAccessTokenResponse>) responseObserver);
          break;
        case METHODID_VERIFY_SESSION:
          serviceImpl.verifySession((io.smsmux.v1.VerifySessionRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.VerifySessionResponse>) responseObserver);
          break;
        case METHODID_RESET_PASSWORD:
          serviceImpl.resetPassword((io.smsmux.v1.ResetPasswordRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ResetPasswordResponse>) responseObserver);
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
          getCreateSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateSessionRequest,
              io.smsmux.v1.CreateSessionResponse>(
                service, METHODID_CREATE_SESSION)))
        .addMethod(
          getCreateAccessTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateAccessTokenRequest,
              io.smsmux.v1.CreateAccessTokenResponse>(
                service, METHODID_CREATE_ACCESS_TOKEN)))
        .addMethod(
          getVerifySessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.VerifySessionRequest,
              io.smsmux.v1.VerifySessionResponse>(
                service, METHODID_VERIFY_SESSION)))
        .addMethod(
          getResetPasswordMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ResetPasswordRequest,
              io.smsmux.v1.ResetPasswordResponse>(
                service, METHODID_RESET_PASSWORD)))
        .build();
  }

  private static abstract class AuthServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AuthServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.AuthServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AuthService");
    }
  }

  private static final class AuthServiceFileDescriptorSupplier
      extends AuthServiceBaseDescriptorSupplier {
    AuthServiceFileDescriptorSupplier() {}
  }

  private static final class AuthServiceMethodDescriptorSupplier
      extends AuthServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AuthServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AuthServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AuthServiceFileDescriptorSupplier())
              .addMethod(getCreateSessionMethod())
              .addMethod(getCreateAccessTokenMethod())
              .addMethod(getVerifySessionMethod())
              .addMethod(getResetPasswordMethod())
              .build();
        }
      }
    }
    return result;
  }
}
