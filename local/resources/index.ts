import * as cognito from "./cognito";
import * as dynamodb from "./dynamodb";
import * as events from "./events";
import * as glue from "./glue";
import * as iam from "./iam";
import * as lambda from "./lambda";
import * as logs from "./logs";
import { meaningless, type ResourceType } from "./resourceType";
import * as s3 from "./s3";
import * as scheduler from "./scheduler";
import * as secretsmanager from "./secretsmanager";
import * as sfn from "./sfn";
import * as sns from "./sns";
import * as sqs from "./sqs";

/** Every resource type the local cloud knows. The program may use no other. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  "aws:cloudwatch/eventBus:EventBus": events.eventBus,
  "aws:cloudwatch/eventRule:EventRule": events.eventRule,
  "aws:cloudwatch/eventTarget:EventTarget": events.eventTarget,
  "aws:cloudwatch/logGroup:LogGroup": logs.logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": meaningless("nobody is to be woken by a laptop"),
  "aws:cognito/identityPool:IdentityPool": cognito.identityPool,
  "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": cognito.identityPoolRoleAttachment,
  "aws:dynamodb/table:Table": dynamodb.table,
  "aws:glue/job:Job": glue.job,
  "aws:iam/policy:Policy": iam.policy,
  "aws:iam/role:Role": iam.role,
  "aws:iam/rolePolicy:RolePolicy": iam.rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.rolePolicyAttachment,
  "aws:lambda/eventSourceMapping:EventSourceMapping": lambda.eventSourceMapping,
  "aws:lambda/function:Function": lambda.lambdaFunction,
  "aws:lambda/permission:Permission": lambda.permission,
  "aws:s3/bucket:Bucket": s3.bucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.lifecycle,
  "aws:s3/bucketObjectv2:BucketObjectv2": s3.bucketObject,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.ownershipControls,
  "aws:s3/bucketPolicy:BucketPolicy": s3.bucketPolicy,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.publicAccessBlock,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.serverSideEncryption,
  "aws:s3/bucketVersioning:BucketVersioning": s3.versioning,
  "aws:scheduler/schedule:Schedule": scheduler.schedule,
  "aws:scheduler/scheduleGroup:ScheduleGroup": scheduler.scheduleGroup,
  "aws:secretsmanager/secret:Secret": secretsmanager.secret,
  "aws:sfn/stateMachine:StateMachine": sfn.stateMachine,
  "aws:sns/topic:Topic": sns.topic,
  "aws:sns/topicPolicy:TopicPolicy": sns.topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": sns.topicSubscription,
  "aws:sqs/queue:Queue": sqs.queue,
  "aws:sqs/queuePolicy:QueuePolicy": sqs.queuePolicy,
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": sqs.redriveAllowPolicy,
};
