import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const client = new SNSClient(); // reads AWS_ENDPOINT_URL_SNS by itself: tests need no line here

export const send = (to, text) => client.send(new PublishCommand({ PhoneNumber: to, Message: text }));
