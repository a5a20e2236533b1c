// Sends a message and reads its state: dotnet run [ADDRESS [KEY]]

using System;
using System.Threading.Tasks;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Smsmux.V1;

internal static class Send
{
    private static async Task<int> Main(string[] args)
    {
        var address = args.Length > 0 ? args[0] : "http://localhost:50051";
        var headers = new Metadata();
        if (args.Length > 1)
        {
            headers.Add("authorization", "Bearer " + args[1]);
        }
        var messages = new MessageService.MessageServiceClient(GrpcChannel.ForAddress(address));
        try
        {
            var sent = await messages.SendMessageAsync(new SendMessageRequest
            {
                Parent = "accounts/smsend",
                Recipients = { "+393471234567" },
                Text = "Ciao!",
                // Named here, so that the message can be looked up even when the answer is lost.
                MessageId = "csharp-" + DateTime.UtcNow.Ticks,
            }, headers, DateTime.UtcNow.AddSeconds(10));
            var name = sent.Message.Name;
            var read = await messages.GetMessageAsync(
                new GetMessageRequest { Name = name }, headers, DateTime.UtcNow.AddSeconds(10));
            Console.WriteLine($"{name} {read.Message.Recipients[0].State}");
            return 0;
        }
        catch (RpcException e)
        {
            Console.Error.WriteLine($"{e.Status.Detail} ({e.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason})");
            return 1;
        }
    }
}
