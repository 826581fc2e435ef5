"""Can questions that the documents do not answer be told before answering?"""
