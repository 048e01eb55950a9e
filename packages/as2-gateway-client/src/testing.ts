export { buildCertificate } from './testing/build-certificate';
export { buildDelivery } from './testing/build-delivery';
export { buildInboxMessage, buildOutboxMessage } from './testing/build-message';
export { buildWebhook } from './testing/build-webhook';
export type { WebhookGeneration, WebhookParts } from './testing/build-webhook';
export { startTestGateway } from './testing/start-test-gateway';
export type { TestGateway, TestGatewayOptions } from './testing/start-test-gateway';
