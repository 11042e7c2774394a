from dynamodb_local import DynamoDbLocal, create_table


def test_keeps_items_in_tables_of_a_test_s_own(dynamodb_local: DynamoDbLocal) -> None:
    client = dynamodb_local.client()
    create_table(client, "some", "pk", "sk")
    key = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    client.put_item(TableName="some", Item={**key, "size": {"N": "1"}})
    assert client.get_item(TableName="some", Key=key)["Item"]["size"] == {"N": "1"}
