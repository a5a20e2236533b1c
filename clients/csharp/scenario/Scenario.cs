// The scenario of ../../scenario/README.md.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Smsmux.V1;

internal static class Scenario
{
    private const string Smsend = "accounts/smsend";
    private const string Number = "+393471234567";

    private static readonly Metadata Key = new Metadata { { "authorization", "Bearer " + Variable("SMSMUX_KEY") } };
    private static readonly GrpcChannel Channel = GrpcChannel.ForAddress("http://" + Variable("SMSMUX_ADDRESS"));
    private static readonly AccountService.AccountServiceClient Accounts = new AccountService.AccountServiceClient(Channel);
    private static readonly ContactService.ContactServiceClient Contacts = new ContactService.ContactServiceClient(Channel);
    private static readonly GroupService.GroupServiceClient Groups = new GroupService.GroupServiceClient(Channel);
    private static readonly InboxService.InboxServiceClient Inbox = new InboxService.InboxServiceClient(Channel);
    private static readonly MessageService.MessageServiceClient Messages = new MessageService.MessageServiceClient(Channel);

    // What a call is made with: ten seconds, and the key.
    private static CallOptions Options => new CallOptions(Key, DateTime.UtcNow.AddSeconds(10));

    private static async Task Main()
    {
        Console.WriteLine($"version c# on .NET {Environment.Version}, "
            + $"grpc {typeof(GrpcChannel).Assembly.GetName().Version}, "
            + $"protobuf {typeof(IMessage).Assembly.GetName().Version}");

        await Step("accounts", async () =>
        {
            var response = await Accounts.ListAccountsAsync(new ListAccountsRequest(), Options);
            var account = response.Accounts.Single(each => each.Name == Smsend);
            Check(account.Methods.Contains("smsmux.v1.MessageService/SendMessage"), "it sends");
        });

        Message sent = null;
        await Step("send", async () =>
        {
            var request = Request();
            sent = await SendOne(request);
            Check(sent.Name.EndsWith(request.MessageId, StringComparison.Ordinal), "its name ends in the id");
            Check(sent.Recipients.Single().State == DeliveryState.Queued, "its state is Queued");
        });

        await Step("status", async () =>
        {
            Recipient recipient = null;
            for (var i = 0; i < 10 && recipient?.State != DeliveryState.Delivered; i++)
            {
                recipient = (await Get(sent.Name)).Recipients.Single();
            }
            Check(recipient.State == DeliveryState.Delivered, "it is delivered");
            Check(recipient.VendorCode == "DLVRD", "VendorCode is DLVRD");
        });

        await Step("pages", async () =>
        {
            var second = await SendOne(Request());
            var names = new HashSet<string>();
            var token = "";
            do
            {
                var request = new ListVendorMessagesRequest { Parent = Smsend, PageSize = 1, PageToken = token };
                var page = await Messages.ListVendorMessagesAsync(request, Options);
                foreach (var message in page.Messages)
                {
                    Check(names.Add(message.Name), message.Name + " comes once");
                }
                token = page.NextPageToken;
            } while (token.Length > 0);
            Check(names.Contains(sent.Name) && names.Contains(second.Name), "both sent names are listed");
        });

        await Step("group", async () =>
        {
            var group = new Group { DisplayName = "C#", Description = "d" };
            var created = await Groups.CreateGroupAsync(new CreateGroupRequest { Parent = Smsend, Group = group }, Options);
            await Groups.DeleteGroupAsync(new DeleteGroupRequest { Name = created.Group.Name }, Options);
        });

        await Step("watch", async () =>
        {
            var start = new DateTime(2016, 5, 3, 0, 0, 0, DateTimeKind.Utc).ToTimestamp();
            var request = new WatchReceivedMessagesRequest { Parent = Smsend, StartTime = start };
            // Disposing of the call cancels it.
            using (var call = Inbox.WatchReceivedMessages(request, Options))
            {
                for (var i = 0; i < 2; i++)
                {
                    Check(await call.ResponseStream.MoveNext(CancellationToken.None), "there is a message");
                    var received = call.ResponseStream.Current;
                    Check(received.Message.Name.Length > 0, "it has a name");
                    Check(received.Message.To.Length > 0, "it has a to");
                    Check(received.ResumeToken.Length > 0, "it has a resume token");
                }
            }
        });

        await Step("bad-number", async () =>
        {
            var error = await Failure(() => SendOne(Request("12")));
            Check(error.StatusCode == StatusCode.InvalidArgument, "the code is InvalidArgument");
            var info = error.GetRpcStatus().GetDetail<ErrorInfo>();
            Check(info.Reason == "INVALID_REQUEST", "the reason is INVALID_REQUEST");
            Check(info.Domain == "smsmux", "the domain is smsmux");
            Check(info.Metadata["outcome"] == "NOT_SENT", "the outcome is NOT_SENT");
            var violation = error.GetRpcStatus().GetDetail<BadRequest>().FieldViolations.Single();
            Check(violation.Field == "recipients[0]", "the field is recipients[0]");
        });

        await Step("deadline", async () =>
        {
            var request = new GetMessageRequest { Name = "accounts/slow/messages/x" };
            var options = Options.WithDeadline(DateTime.UtcNow.AddMilliseconds(300));
            var error = await Failure(async () => await Messages.GetMessageAsync(request, options));
            Check(error.StatusCode == StatusCode.DeadlineExceeded, "the code is DeadlineExceeded");
        });

        await Step("no-key", async () =>
        {
            var options = Options.WithHeaders(new Metadata());
            var error = await Failure(async () => await Accounts.ListAccountsAsync(new ListAccountsRequest(), options));
            Check(error.StatusCode == StatusCode.Unauthenticated, "the code is Unauthenticated");
            var info = error.GetRpcStatus().GetDetail<ErrorInfo>();
            Check(info.Reason == "CALLER_NOT_AUTHENTICATED", "the reason is CALLER_NOT_AUTHENTICATED");
        });

        await Step("unicode", async () =>
        {
            const string text = "Perché Ж 😀";
            var message = await SendOne(new SendMessageRequest
            {
                Parent = "accounts/lox24",
                Recipients = { "+4915123456789" },
                Sender = "smsmux",
                Text = text,
            });
            var name = "accounts/lox24/messages/" + message.Recipients.Single().VendorMessageId;
            Check((await Get(name)).Text == text, "the text is the same");
            var analysis = await Messages.AnalyzeMessageAsync(new AnalyzeMessageRequest
            {
                Message = new SendMessageRequest
                {
                    Parent = "accounts/lox24",
                    Recipients = { "+4915123456789" },
                    Sender = "smsmux",
                    Text = text,
                },
            }, Options);
            Check(analysis.Ucs2Characters.SequenceEqual(new[] { "Ж", "😀" }), "Ucs2Characters are Ж and 😀");
        });

        await Step("int64", async () =>
        {
            var request = Request();
            request.Smsend = new SmSendOptions { ReturnRemaining = true };
            var with = await SendOne(request);
            long remaining = with.CreditsRemaining;
            Check(with.HasCreditsRemaining && remaining > 0, "CreditsRemaining is present and above 0");
            Check(!(await SendOne(Request())).HasCreditsRemaining, "CreditsRemaining is absent");
        });

        await Step("optional", async () =>
        {
            var contact = new Contact { Email = NewId() + "@example.com", GivenName = "C#" };
            var request = new CreateContactRequest { Parent = Smsend, Contact = contact };
            var created = await Contacts.CreateContactAsync(request, Options);
            var read = await Contacts.GetContactAsync(new GetContactRequest { Name = created.Contact.Name }, Options);
            Check(read.Contact.HasGivenName && read.Contact.GivenName == "C#", "GivenName is present");
            Check(!read.Contact.HasFax, "Fax is absent");
        });

        await Step("golden", () =>
        {
            var types = typeof(Message).Assembly.GetTypes()
                .Select(type => type.GetProperty("Descriptor")?.GetValue(null))
                .OfType<MessageDescriptor>()
                .ToDictionary(type => type.Name);
            var files = Directory.GetFiles(Variable("SMSMUX_TESTDATA"), "*.binpb");
            Check(files.Length > 0, "there are vectors");
            foreach (var file in files)
            {
                var type = types[Path.GetFileNameWithoutExtension(file)];
                var bytes = File.ReadAllBytes(file);
                Check(type.Parser.ParseFrom(bytes).ToByteArray().SequenceEqual(bytes), file + " is encoded to the same bytes");
                var json = Path.ChangeExtension(file, "json");
                var read = JsonParser.Default.Parse(File.ReadAllText(json), type);
                Check(read.ToByteArray().SequenceEqual(bytes), json + " is encoded to the bytes of the other");
            }
            return Task.CompletedTask;
        });

        await WithClient.Run();
    }

    internal static async Task Step(string name, Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"{name}: {e}");
            Environment.Exit(1);
        }
        Console.WriteLine("ok " + name);
    }

    internal static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException("not so: " + what);
        }
    }

    // What a call fails with.
    private static async Task<RpcException> Failure(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            return e;
        }
        throw new InvalidOperationException("the call succeeded");
    }

    internal static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException(name + " is not set");

    internal static string NewId() => "csharp-" + DateTime.UtcNow.Ticks;

    private static SendMessageRequest Request(string recipient = Number) =>
        new SendMessageRequest { Parent = Smsend, Recipients = { recipient }, Text = "Ciao!", MessageId = NewId() };

    private static async Task<Message> SendOne(SendMessageRequest request) =>
        (await Messages.SendMessageAsync(request, Options)).Message;

    private static async Task<Message> Get(string name) =>
        (await Messages.GetMessageAsync(new GetMessageRequest { Name = name }, Options)).Message;
}
