"""Does the check of sentences catch lies, and does it leave the truth alone?"""
